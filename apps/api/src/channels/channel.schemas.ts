import type { Channel, ChannelMessage } from '@app/domain';
import { z } from 'zod';
import { answerFieldsSchema, presentAnswer, questionSchema } from '../chat/chat.schemas.js';

export const newChannelSchema = z
  .strictObject({
    title: z
      .string()
      .trim()
      .min(1)
      .max(300)
      .regex(/^\P{Cc}*$/u, 'must not hold control characters'),
    project: z
      .uuid()
      .optional()
      .meta({ description: 'Id of the project it is about. Default: the incident’s, or all.' }),
    incident: z.uuid().optional().meta({ description: 'Id of the incident it is about.' }),
  })
  .meta({ id: 'NewChannel' });
export type NewChannelBody = z.output<typeof newChannelSchema>;

export const newMessageSchema = z.strictObject({ text: questionSchema }).meta({ id: 'NewMessage' });
export type NewMessageBody = z.output<typeof newMessageSchema>;

export const channelSchema = z
  .object({
    id: z.string(),
    title: z.string(),
    projectId: z.string().nullable().meta({ description: 'Null: about every project.' }),
    incidentId: z.string().nullable(),
    createdBy: z.string(),
    messages: z.number().meta({ description: 'How many were said.' }),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .meta({ id: 'Channel' });
export type ChannelView = z.output<typeof channelSchema>;

export const channelPageSchema = z
  .object({ items: z.array(channelSchema), nextCursor: z.string().nullable() })
  .meta({ id: 'ChannelPage' });
export type ChannelPageView = z.output<typeof channelPageSchema>;

export const messageSchema = z
  .object({
    id: z.number(),
    role: z.enum(['person', 'assistant']),
    author: z.string(),
    text: z.string(),
    at: z.string(),
    answer: answerFieldsSchema.nullable().meta({ description: 'What the assistant’s words rest on.' }),
  })
  .meta({ id: 'ChannelMessage' });
export type MessageView = z.output<typeof messageSchema>;

export const messagePageSchema = z
  .object({ items: z.array(messageSchema), nextCursor: z.string().nullable() })
  .meta({ id: 'ChannelMessagePage' });
export type MessagePageView = z.output<typeof messagePageSchema>;

export const saidSchema = z
  .object({ message: messageSchema, reply: messageSchema })
  .meta({ id: 'SaidMessage' });
export type SaidView = z.output<typeof saidSchema>;

export const clearedSchema = z.object({ removed: z.number() }).meta({ id: 'ClearedChannel' });

export function presentChannel(channel: Channel, messages: number): ChannelView {
  const { id, title, projectId, incidentId, createdBy, createdAt, updatedAt } = channel;
  return {
    id,
    title,
    projectId,
    incidentId,
    createdBy,
    messages,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}

export function presentMessage({ id, role, author, text, at, answer }: ChannelMessage): MessageView {
  return {
    id,
    role,
    author,
    text,
    at: at.toISOString(),
    answer: answer === null ? null : presentAnswer(answer),
  };
}
