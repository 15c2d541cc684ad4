import type { ModelInput, Operation } from '../operations.js';
import { chatV1 } from './chat.v1.js';
import { classifyV2 } from './classify.v2.js';
import type { Fence } from './fence.js';
import type { Prompt, RenderedPrompt } from './prompt.js';
import { rootCauseV2 } from './root-cause.v2.js';
import { rootCauseV3 } from './root-cause.v3.js';
import { solutionV2 } from './solution.v2.js';
import { solutionV3 } from './solution.v3.js';
import { validateV2 } from './validate.v2.js';

/** A prompt of some operation: which input it takes, `renderPrompt` knows. */
type AnyPrompt = Prompt<never>;

/** By operation: the release's own choice first, then those that may be promoted in its place. */
const VERSIONS: Readonly<Record<Operation, readonly [AnyPrompt, ...AnyPrompt[]]>> = {
  classify: [classifyV2],
  root_cause: [rootCauseV2, rootCauseV3],
  solution: [solutionV2, solutionV3],
  validate: [validateV2],
  chat: [chatV1],
};

/** The versions that may be used, the release's own choice first. */
export function promptVersions(operation: Operation): readonly string[] {
  return VERSIONS[operation].map(({ version }) => version);
}

/**
 * The prompt in use. Without a version, and for one that this release doesn't know (a newer one promoted it, or an
 * older one had it), the release's own choice.
 */
export function promptOf(operation: Operation, version?: string | null): AnyPrompt {
  const versions = VERSIONS[operation];
  return versions.find((prompt) => prompt.version === version) ?? versions[0];
}

/** The user message for whatever is asked. */
export function renderPrompt(
  input: ModelInput,
  fence: Fence,
  maxTokens: number,
  version?: string,
): RenderedPrompt {
  return promptOf(input.operation, version).render(input as never, fence, maxTokens);
}
