import type { CacheOperation, CallOptions } from '@app/domain';

/** The operations of a diagnosis, as the usage ledger and log events name them. */
export const OPERATIONS = ['classify', 'root_cause', 'solution', 'validate'] as const;
export type Operation = (typeof OPERATIONS)[number];

export const CACHE_OPERATION_OF: Readonly<Record<Operation, CacheOperation>> = {
  classify: 'llm.classify',
  root_cause: 'llm.root_cause',
  solution: 'llm.solution',
  validate: 'llm.validate',
};

/** Who a stack of decorators speaks for. */
export interface ModelName {
  /** The preset: `openai`, `nvidia` … */
  readonly provider: string;
  readonly model: string;
}

/** What the resilient decorator tells the ones below it. */
export interface AttemptOptions extends CallOptions {
  /** 1 for the first try. */
  readonly attempt?: number;
}
