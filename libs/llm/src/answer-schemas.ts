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

/** Raised with every change of a schema below: part of cache keys and of who an answer is by. */
export const SCHEMA_VERSION = 1;

const confidence = z.number().min(0).max(1);
const texts = z.array(z.string());
/** A check of ours, not a keyword of the JSON schema: strict structured outputs don't all take `minLength`. */
const said = z.string().refine((text) => text.trim() !== '', 'is empty');

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
});

export const rootCauseSchema = z.object({
  primaryCause: said,
  contributingFactors: texts,
  affectedComponents: texts,
  citations: z.array(z.object({ evidenceId: z.string(), quote: z.string() })),
  confidence,
  prevention: texts,
});

export const solutionSchema = z.object({
  summary: said,
  steps: texts,
  commands: texts,
  edits: z.array(z.object({ path: z.string(), search: z.string(), replace: z.string() })),
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
  recommendation: z.enum(RECOMMENDATIONS),
});
