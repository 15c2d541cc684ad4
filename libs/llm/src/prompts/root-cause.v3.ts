import type { Classification, FailureContext } from '@app/domain';
import { rootCauseV2 } from './root-cause.v2.js';
import type { Prompt } from './prompt.js';

/** Says what the files of the commit are for. */
export const rootCauseV3: Prompt<{ context: FailureContext; classification: Classification }> = {
  ...rootCauseV2,
  version: 'root_cause.v3',
  system: `${rootCauseV2.system}

The data may hold the workflow file and files that the failing commit changed, as they stand at that commit. Where the evidence names a line of such a file, read the line before you name the cause. That a commit changed a file is no proof that the change is the cause.`,
};
