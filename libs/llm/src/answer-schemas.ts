import { z } from 'zod';
import {
  ATTRIBUTIONS,
  DETERMINISMS,
  FAILURE_CATEGORIES,
  FIXABILITIES,
  RECOMMENDATIONS,
  RISKS,
  SEVERITIES,
} from '@app/domain';
import type { Operation } from './operations.js';

/** Raised with every change of a schema below: part of cache keys and of who an answer is by. */
export const SCHEMA_VERSION = 2;

const confidence = z.number().min(0).max(1);
const texts = z.array(z.string());
/** A check of ours, not a keyword of the JSON schema: strict structured outputs don't all take `minLength`. */
const said = z.string().refine((text) => text.trim() !== '', 'is empty');
const citations = z.array(z.object({ evidenceId: z.string(), quote: z.string() }));

/** What a model is asked for and its answer is checked against. Every word that decides something is an enum. */
export const classificationSchema = z.object({
  category: z.enum(FAILURE_CATEGORIES),
  subcategory: z.string().nullable(),
  severity: z.enum(SEVERITIES),
  determinism: z.enum(DETERMINISMS),
  attribution: z.enum(ATTRIBUTIONS),
  fixability: z.enum(FIXABILITIES),
  confidence,
  reasoning: z.string(),
  keyLines: citations,
});

export const rootCauseSchema = z.object({
  primaryCause: said,
  contributingFactors: texts,
  errorChain: texts,
  affectedComponents: texts,
  citations,
  confidence,
  prevention: texts,
});

export const solutionSchema = z.object({
  summary: said,
  steps: texts,
  commands: texts,
  edits: z.array(z.object({ path: z.string(), search: z.string(), replace: z.string() })),
  configurationChanges: z.array(
    z.object({ file: z.string().nullable(), setting: z.string(), value: z.string(), reason: z.string() }),
  ),
  risk: z.enum(RISKS),
  prevention: texts,
  estimatedMinutes: z.number().min(0).nullable(),
});

export const validationSchema = z.object({
  safe: z.boolean(),
  appropriate: z.boolean(),
  risk: z.enum(RISKS),
  concerns: texts,
  preconditions: texts,
  alternatives: texts,
  recommendation: z.enum(RECOMMENDATIONS),
});

export const chatAnswerSchema = z.object({
  text: said,
  citations: z.array(z.object({ sourceId: z.string(), quote: z.string() })),
});

/** What each operation is answered with, by the name the model is told. */
export const SCHEMAS = {
  classify: { name: 'classification', schema: classificationSchema },
  root_cause: { name: 'root_cause', schema: rootCauseSchema },
  solution: { name: 'solution', schema: solutionSchema },
  validate: { name: 'validation', schema: validationSchema },
  chat: { name: 'chat_answer', schema: chatAnswerSchema },
} as const satisfies Record<Operation, { name: string; schema: z.ZodType }>;
