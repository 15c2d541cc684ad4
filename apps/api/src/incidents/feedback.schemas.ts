import { ROOT_CAUSE_VERDICTS, SOLUTION_VERDICTS } from '@app/domain';
import { z } from 'zod';

const text = (maxLength: number) => z.string().trim().min(1).max(maxLength);

export const feedbackBodySchema = z
  .strictObject({
    rootCause: z.enum(ROOT_CAUSE_VERDICTS),
    solution: z.enum(SOLUTION_VERDICTS).default('not_tried'),
    actualCause: text(2_000)
      .nullable()
      .default(null)
      .meta({ description: 'The real cause: it is what this failure is answered with from now on.' }),
    note: text(2_000).nullable().default(null),
  })
  .refine(({ rootCause, actualCause }) => rootCause !== 'correct' || actualCause === null, {
    message: 'is for a root cause that is wrong or partly correct',
    path: ['actualCause'],
  })
  .meta({ id: 'FeedbackBody' });
export type FeedbackBody = z.output<typeof feedbackBodySchema>;

export const feedbackSchema = z
  .object({
    id: z.string(),
    rootCause: z.enum(ROOT_CAUSE_VERDICTS),
    solution: z.enum(SOLUTION_VERDICTS),
    judgedCause: z.string().meta({ description: 'The cause that the verdict is about.' }),
    judgedSolution: z.string(),
    actualCause: z.string().nullable(),
    note: z.string().nullable(),
    givenBy: z.string(),
    givenAt: z.string(),
  })
  .meta({ id: 'Feedback' });
export type FeedbackView = z.output<typeof feedbackSchema>;

export const givenFeedbackSchema = feedbackSchema
  .extend({
    diagnosedAnew: z.boolean().meta({ description: 'The incident is on its way to another diagnosis.' }),
    calledOff: z
      .array(z.string())
      .meta({ description: 'Ids of workflows that rested on what was called wrong: they are cancelled.' }),
  })
  .meta({ id: 'GivenFeedback' });

export const feedbackListSchema = z.object({ items: z.array(feedbackSchema) }).meta({ id: 'FeedbackList' });
