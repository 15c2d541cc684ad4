import { DOCUMENT_STATUSES, type AddedDocument, type KnowledgeDocument } from '@app/domain';
import { z } from 'zod';
import { jobViewSchema, presentJob } from '../jobs/job.schemas.js';

/** Text of one line. */
const line = (maxLength: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(maxLength)
    .regex(/^\P{Cc}*$/u, 'must not hold control characters');

const aboutSchema = z.strictObject({
  title: line(300).optional().meta({ description: 'Default: as the document names itself, or its file.' }),
  project: z
    .uuid()
    .optional()
    .meta({ description: 'Id of the one project it is for. Default: for every project.' }),
});

/** The fields of a form beside its file. */
export const uploadFieldsSchema = aboutSchema;

export const documentBodySchema = aboutSchema
  .extend({
    content: z.string().meta({ description: 'The text.' }),
    contentType: z.enum(['text/markdown', 'text/plain', 'text/html']).default('text/markdown'),
    filename: line(255).optional(),
  })
  .meta({ id: 'NewDocument' });

export const urlBodySchema = aboutSchema.extend({ url: z.string().min(1).max(2_000) }).meta({ id: 'NewUrl' });
export type UrlBody = z.output<typeof urlBodySchema>;

export const documentViewSchema = z
  .object({
    id: z.string(),
    projectId: z.string().nullable().meta({ description: 'Null: for every project.' }),
    title: z.string(),
    origin: z.enum(['upload', 'url']),
    filename: z.string().nullable(),
    url: z.string().nullable(),
    contentType: z.string(),
    sizeBytes: z.number(),
    status: z.enum(DOCUMENT_STATUSES),
    passages: z.number(),
    createdAt: z.string(),
    readyAt: z.string().nullable().meta({ description: 'Since when searches find it.' }),
  })
  .meta({ id: 'Document' });
export type DocumentView = z.output<typeof documentViewSchema>;

export const documentPageSchema = z
  .object({ items: z.array(documentViewSchema), nextCursor: z.string().nullable() })
  .meta({ id: 'DocumentPage' });
export type DocumentPageView = z.output<typeof documentPageSchema>;

export const addedDocumentSchema = z
  .object({
    document: documentViewSchema,
    duplicate: z.boolean().meta({ description: 'The same content was there already; nothing was stored.' }),
    job: jobViewSchema.nullable().meta({ description: 'Makes the document findable: GET /jobs/{id}.' }),
  })
  .meta({ id: 'AddedDocument' });
export type AddedDocumentView = z.output<typeof addedDocumentSchema>;

export function presentDocument(document: KnowledgeDocument): DocumentView {
  const { id, projectId, title, origin, filename, url, contentType, sizeBytes, status, passages } = document;
  return {
    id,
    projectId,
    title,
    origin,
    filename,
    url,
    contentType,
    sizeBytes,
    status,
    passages,
    createdAt: document.createdAt.toISOString(),
    readyAt: document.readyAt?.toISOString() ?? null,
  };
}

export function presentAdded({ document, job }: AddedDocument): AddedDocumentView {
  return {
    document: presentDocument(document),
    duplicate: job === null,
    job: job === null ? null : presentJob(job),
  };
}
