import { InvalidInput } from '@app/domain';
import type { MultipartFile } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { PayloadTooLarge } from '../http/payload-too-large.js';
import { submitBodySchema, submitQuerySchema, type SubmitQuery } from './incident.schemas.js';

export interface LogUpload {
  readonly meta: SubmitQuery;
  readonly content: AsyncIterable<Uint8Array>;
}

/**
 * The log of a request, however it was sent: as the body itself (text/plain, application/octet-stream), as a file of a
 * form, or as the field `log` of a JSON object. What is said of it may stand in the query as well; form and JSON go
 * before it. Streams; a log over the limit ends in PayloadTooLarge.
 * @throws InvalidInput when no log is in it, or a field is wrong or unknown
 */
export async function readLogUpload(request: FastifyRequest, limitBytes: number): Promise<LogUpload> {
  if (request.isMultipart()) {
    const file = await request.file({ limits: { fileSize: limitBytes, files: 1 } });
    if (!file)
      throw new InvalidInput('The form holds no file; send one, for example with curl -F log=@build.log.');
    const fields = submitQuerySchema.safeParse({ ...(request.query as object), ...textFields(file) });
    return { meta: checked(fields), content: limited(file.file, limitBytes) };
  }
  const { body } = request;
  if (isByteStream(body)) {
    return { meta: checked(submitQuerySchema.safeParse(request.query)), content: limited(body, limitBytes) };
  }
  const { log, ...meta } = checked(submitBodySchema.safeParse(withQuery(request.query, body)));
  const bytes = Buffer.from(log);
  if (bytes.length > limitBytes) throw new PayloadTooLarge(limitBytes);
  return { meta, content: limited(once(bytes), limitBytes) };
}

function withQuery(query: unknown, body: unknown): unknown {
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body);
  return isObject ? { ...(query as object), ...body } : body;
}

function textFields(file: MultipartFile): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const [name, field] of Object.entries(file.fields)) {
    if (field && !Array.isArray(field) && field.type === 'field' && typeof field.value === 'string')
      fields[name] = field.value;
  }
  return fields;
}

type SafeParse<T> =
  | { success: true; data: T }
  | { success: false; error: { issues: readonly { path: PropertyKey[]; message: string }[] } };

function checked<T>(parsed: SafeParse<T>): T {
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) =>
    path.length ? `${path.join('.')}: ${message}` : message,
  );
  throw new InvalidInput(
    `${problems.join('; ')}. Send the log as text/plain, as a form's file, or as JSON {"log": "…"}.`,
  );
}

function isByteStream(body: unknown): body is AsyncIterable<Uint8Array> {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function* limited(source: AsyncIterable<Uint8Array>, limitBytes: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.length;
    if (bytes > limitBytes) throw new PayloadTooLarge(limitBytes);
    yield chunk;
  }
  // The multipart parser ends a file that is too large as if it were whole.
  if ((source as { truncated?: boolean }).truncated) throw new PayloadTooLarge(limitBytes);
}
