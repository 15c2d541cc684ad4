import type { AnswerReference, SaidAnswer } from '@app/domain';
import { z } from 'zod';

export const questionSchema = z.string().trim().min(1).max(4_000);

export const chatBodySchema = z
  .strictObject({
    question: questionSchema,
    sessionId: z
      .string()
      .regex(/^[\w-]{1,64}$/, 'letters, digits, _ and -, at most 64')
      .optional()
      .meta({
        description: 'Names a conversation of the caller’s: what was said in it within the last hour counts.',
      }),
    project: z.uuid().optional().meta({ description: 'Only what is known of this project.' }),
    incident: z.uuid().optional().meta({ description: 'The incident that the question is about.' }),
  })
  .meta({ id: 'ChatQuestion' });
export type ChatBody = z.output<typeof chatBodySchema>;

export const referenceSchema = z
  .object({
    id: z.string().meta({ description: 'S1, S2 …: as the answer names it.' }),
    kind: z.enum(['incident', 'passage']),
    title: z.string(),
    incidentId: z.string().nullable(),
    documentId: z.string().nullable(),
    url: z.string().nullable(),
    excerpt: z.string(),
    quotes: z.array(z.string()).meta({ description: 'What the answer cites of it, word for word.' }),
  })
  .meta({ id: 'AnswerReference' });

export const answerFieldsSchema = z.object({
  sources: z.array(referenceSchema),
  grounded: z
    .boolean()
    .meta({ description: 'False: nothing it cites stands in the sources; read it as a guess.' }),
  answeredBy: z
    .enum(['model', 'rules'])
    .meta({ description: 'rules: no model answered, and the text says so.' }),
  model: z.string().nullable(),
  cached: z.boolean(),
  wordsAlone: z.boolean().meta({
    description:
      'True: a project that the question is about lets nothing out to the embedder; what fits by meaning may be missing.',
  }),
});

export const chatAnswerSchema = answerFieldsSchema
  .extend({ answer: z.string(), sessionId: z.string().nullable() })
  .meta({ id: 'ChatAnswer' });
export type ChatAnswerView = z.output<typeof chatAnswerSchema>;

export function presentAnswer(answer: SaidAnswer): z.output<typeof answerFieldsSchema> {
  const { sources, grounded, answeredBy, model, cached } = answer;
  // Answers of earlier versions don't say it.
  const wordsAlone = answer.wordsAlone ?? false;
  return { sources: sources.map(presentReference), grounded, answeredBy, model, cached, wordsAlone };
}

function presentReference({ quotes, ...reference }: AnswerReference): z.output<typeof referenceSchema> {
  return { ...reference, quotes: [...quotes] };
}
