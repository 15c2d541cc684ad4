import type { FailureContext } from '@app/domain';

/** A TypeScript compile error as the log analysis tells it; `at` moves what differs between two runs of it. */
export function failureContext(changed: Partial<FailureContext> = {}, at = 10): FailureContext {
  const time = `2026-11-20T10:${at}:31.1234567Z`;
  const line = `${time} src/basket.ts(${at},7): error TS2322: Type 'string' is not assignable to type 'number'.`;
  return {
    projectId: 'project-1',
    repository: 'octo/app',
    workflowName: 'CI',
    jobName: 'build',
    failedStep: 'Run npm run build',
    evidence: [
      { id: 'E1', startLine: 40 + at, endLine: 41 + at, text: `${time} > tsc -p .\n${line}` },
      {
        id: 'E2',
        startLine: 52 + at,
        endLine: 52 + at,
        text: `${time} Found 1 error in src/basket.ts:${at}`,
      },
    ],
    findings: [
      {
        tool: 'tsc',
        code: 'TS2322',
        message: "Type 'string' is not assignable to type 'number'.",
        file: 'src/basket.ts',
        line: at,
        column: 7,
        startLine: 41 + at,
        endLine: 41 + at,
      },
    ],
    excerpt: `  ${40 + at} | ${time} > tsc -p .\n  ${41 + at} | ${line}\n  … 10 lines left out …`,
    signature: "src/basket.ts(<pos>): error TS2322: Type 'string' is not assignable to type 'number'.",
    similar: [],
    runbooks: [],
    files: [],
    ruleVerdict: {
      category: 'compile_error',
      subcategory: 'TS2322',
      confidence: 0.96,
      determinism: 'deterministic',
      attribution: 'change',
      fixability: 'code_patch',
      rootCause: "tsc: Type 'string' is not assignable to type 'number'. (src/basket.ts)",
      suggestion: null,
    },
    ...changed,
  };
}
