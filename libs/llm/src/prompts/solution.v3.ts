import type { FailureContext, RootCauseAnalysis } from '@app/domain';
import { solutionV2 } from './solution.v2.js';
import type { Prompt } from './prompt.js';

/** Asks for edits wherever a file that is shown can be mended. */
export const solutionV3: Prompt<{ context: FailureContext; rootCause: RootCauseAnalysis }> = {
  ...solutionV2,
  version: 'solution.v3',
  system: `${solutionV2.system}

Where the data shows the file that must change, give the change as an edit, not only in words. Copy search with its indentation, as many whole lines as make it stand at one place only, and keep the file's own style in replace. A file that was cut short is not shown whole: no edits in it.`,
};
