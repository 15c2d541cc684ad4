import { ACTION_KINDS, type ActionKind } from './action.js';

/** `approval`: once somebody with the role operator approved it. `automatic`: without being asked. */
export const ACTION_MODES = ['off', 'approval', 'automatic'] as const;
export type ActionMode = (typeof ACTION_MODES)[number];

/** What a project allows the product to do to its repository. Only people write it; nothing that a log says enters it. */
export interface ActionPolicy {
  readonly kinds: Readonly<Record<ActionKind, ActionMode>>;
  /** Kinds that a run of a fork may lead to. They always need approval. */
  readonly forkKinds: readonly ActionKind[];
  /** Globs of the branches that a fix may be proposed for. */
  readonly branches: readonly string[];
  /** Globs of the files that a fix may edit. */
  readonly paths: readonly string[];
  /** Globs of files that no fix edits, whatever `paths` says. Compared without regard to case. */
  readonly protectedPaths: readonly string[];
  readonly maxFiles: number;
  /** Lines taken away and lines put in their place, together. */
  readonly maxChangedLines: number;
  /** New actions a UTC day: of each kind, and of all together. */
  readonly dailyLimits: { readonly each: number; readonly all: number };
  /** A run that has had this many attempts is not run again. */
  readonly maxAttempts: number;
  /** 0 to 1: a diagnosis less sure than this leads to nothing automatic. */
  readonly minConfidence: number;
}

/** What holds where a project says nothing: everything waits for a person, and forks lead to nothing. */
export const DEFAULT_ACTION_POLICY: ActionPolicy = {
  kinds: Object.fromEntries(ACTION_KINDS.map((kind) => [kind, 'approval'])) as Record<ActionKind, ActionMode>,
  forkKinds: [],
  branches: ['**'],
  paths: ['**'],
  protectedPaths: ['.github/**', '**/CODEOWNERS', '.gitmodules', '**/.gitattributes'],
  maxFiles: 5,
  maxChangedLines: 200,
  dailyLimits: { each: 20, all: 50 },
  maxAttempts: 3,
  minConfidence: 0.7,
};

/** Whether anything may happen without a person's word. */
export function isAutomatic({ kinds }: ActionPolicy): boolean {
  return ACTION_KINDS.some((kind) => kinds[kind] === 'automatic');
}
