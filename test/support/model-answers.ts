import type { ChatRequest } from '../stand-ins/openai-server.js';

/** A well-behaved model: answers each schema, and cites the first line of E1 as it stands in the prompt. */
export function modelAnswer(request: ChatRequest): unknown {
  const quote = /\[E1\]\n(.*)/.exec(request.user)?.[1] ?? '';
  switch (request.schemaName) {
    case 'classification':
      return {
        category: 'compile_error',
        subcategory: 'TS2322',
        severity: 'high',
        determinism: 'deterministic',
        attribution: 'change',
        fixability: 'code_patch',
        confidence: 0.97,
        reasoning: 'The compiler says so.',
        keyLines: [{ evidenceId: 'E1', quote }],
      };
    case 'root_cause':
      return {
        primaryCause: 'A string is assigned to a number in src/basket.ts.',
        contributingFactors: [],
        errorChain: ['A string is assigned to a number.', 'The build step fails.'],
        affectedComponents: ['src/basket.ts'],
        citations: [{ evidenceId: 'E1', quote }],
        confidence: 0.95,
        prevention: ['Type-check before pushing.'],
      };
    case 'solution':
      return {
        summary: 'Convert the string to a number.',
        steps: ['Parse the amount where it is read.'],
        commands: ['npx tsc -p .'],
        edits: [],
        configurationChanges: [],
        risk: 'low',
        prevention: [],
        estimatedMinutes: 10,
      };
    case 'validation':
      return {
        safe: true,
        appropriate: true,
        risk: 'low',
        concerns: [],
        preconditions: [],
        alternatives: [],
        recommendation: 'proceed',
      };
    case 'chat_answer':
      return {
        text: 'It is the compiler.',
        citations: [{ sourceId: 'S1', quote: /\[S1\] .*\n(.*)/.exec(request.user)?.[1] ?? '' }],
      };
    default:
      throw new Error(`No answer for the schema “${request.schemaName}”.`);
  }
}
