import { classifyV1 } from './classify.v1.js';
import { rootCauseV1 } from './root-cause.v1.js';
import { solutionV1 } from './solution.v1.js';
import { validateV1 } from './validate.v1.js';

/** The prompts in use, by operation. */
export const PROMPTS = {
  classify: classifyV1,
  root_cause: rootCauseV1,
  solution: solutionV1,
  validate: validateV1,
} as const;

/** The versions in use as one word: part of who an answer is by. */
export const PROMPT_SET = Object.values(PROMPTS)
  .map(({ version }) => version)
  .join('+');
