import { InvalidInput } from '@app/domain';
import type { UploadedDocument } from '@app/knowledge';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { PayloadTooLarge } from '../http/payload-too-large.js';
import { documentBodySchema, uploadFieldsSchema } from './knowledge.schemas.js';

const MAX_FIELDS = 10;
const MAX_FIELD_BYTES = 4_000;

/**
 * The document of a request: the file of a form (its fields before or after it), or JSON with its text.
 * @throws InvalidInput when no document is in it, or a field is wrong or unknown; PayloadTooLarge
 */
export async function readDocumentUpload(
  request: FastifyRequest,
  maxBytes: number,
): Promise<UploadedDocument> {
  if (request.isMultipart()) return readForm(request, maxBytes);
  const { content, title, project, contentType, filename } = checked(documentBodySchema, request.body);
  const bytes = Buffer.from(content);
  if (bytes.length > maxBytes) throw new PayloadTooLarge(maxBytes);
  const charset = 'charset=utf-8';
  return {
    projectId: project ?? null,
    title: title ?? null,
    filename: filename ?? null,
    contentType: `${contentType}; ${charset}`,
    bytes,
  };
}

async function readForm(request: FastifyRequest, maxBytes: number): Promise<UploadedDocument> {
  const fields: Record<string, unknown> = {};
  let file: Pick<UploadedDocument, 'filename' | 'contentType' | 'bytes'> | null = null;
  const limits = { fileSize: maxBytes, files: 1, fields: MAX_FIELDS, fieldSize: MAX_FIELD_BYTES };
  for await (const part of request.parts({ limits })) {
    if (part.type === 'field') {
      fields[part.fieldname] = part.value;
      continue;
    }
    const chunks: Uint8Array[] = [];
    for await (const chunk of part.file as AsyncIterable<Uint8Array>) chunks.push(chunk);
    // The parser ends a file that is too large as if it were whole.
    if (part.file.truncated) throw new PayloadTooLarge(maxBytes);
    file = { filename: part.filename ?? null, contentType: part.mimetype, bytes: Buffer.concat(chunks) };
  }
  if (!file)
    throw new InvalidInput('The form holds no file; send one, for example with curl -F file=@runbook.md.');
  const { title, project } = checked(uploadFieldsSchema, fields);
  return { ...file, title: title ?? null, projectId: project ?? null };
}

function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) =>
    path.length > 0 ? `${path.join('.')}: ${message}` : message,
  );
  throw new InvalidInput(
    `${problems.join('; ')}. Send the document as a form's file, or its text as JSON {"content": "…"}.`,
  );
}
