import { z } from 'zod';

/** The error body of every answer: RFC 9457 with a stable `code`. */
export const problemSchema = z
  .object({
    type: z.string().meta({ description: 'urn:devflowfix:problem:{code}' }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string().meta({ description: 'Stable; what programs branch on.' }),
    requestId: z.string(),
    errors: z.array(z.string()).optional().meta({ description: 'One line a wrong field.' }),
  })
  .meta({ id: 'Problem' });
export type Problem = z.output<typeof problemSchema>;

export const PROBLEM_CONTENT_TYPE = 'application/problem+json';
