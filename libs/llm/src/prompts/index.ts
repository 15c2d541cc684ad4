import { chatV1 } from './chat.v1.js';
import { classifyV2 } from './classify.v2.js';
import type { ModelInput } from '../operations.js';
import type { Fence } from './fence.js';
import type { RenderedPrompt } from './prompt.js';
import { rootCauseV2 } from './root-cause.v2.js';
import { solutionV2 } from './solution.v2.js';
import { validateV2 } from './validate.v2.js';

/** The prompts in use, by operation. */
export const PROMPTS = {
  classify: classifyV2,
  root_cause: rootCauseV2,
  solution: solutionV2,
  validate: validateV2,
  chat: chatV1,
} as const;

/** The versions in use in a diagnosis, as one word: part of who an answer is by. */
export const PROMPT_SET = [PROMPTS.classify, PROMPTS.root_cause, PROMPTS.solution, PROMPTS.validate]
  .map(({ version }) => version)
  .join('+');

/** The user message for whatever is asked. */
export function renderPrompt(input: ModelInput, fence: Fence, maxTokens: number): RenderedPrompt {
  switch (input.operation) {
    case 'classify':
      return PROMPTS.classify.render(input, fence, maxTokens);
    case 'root_cause':
      return PROMPTS.root_cause.render(input, fence, maxTokens);
    case 'solution':
      return PROMPTS.solution.render(input, fence, maxTokens);
    case 'validate':
      return PROMPTS.validate.render(input, fence, maxTokens);
    case 'chat':
      return PROMPTS.chat.render(input, fence, maxTokens);
  }
}
