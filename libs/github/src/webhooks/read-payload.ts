import { InvalidInput } from '@app/domain';

export const FORM_CONTENT_TYPE = 'application/x-www-form-urlencoded';

/** GitHub's payloads nest some ten levels deep; what reads them recurses. */
const MAX_DEPTH = 100;
/** The largest payload has some hundred thousand values; a million of the smallest would take a hundred megabytes. */
const MAX_VALUES = 1_000_000;

const FIELD = Buffer.from('payload=');
const LATER_FIELD = Buffer.from('&payload=');
const AMPERSAND = 0x26;
const PERCENT = 0x25;
const PLUS = 0x2b;
const SPACE = 0x20;
const NO_DIGIT = 0xff;
/** The value of each byte as a hexadecimal digit. */
const HEX_DIGITS = Uint8Array.from({ length: 256 }, (_, byte) => {
  const value = Number.parseInt(String.fromCharCode(byte), 16);
  return Number.isNaN(value) ? NO_DIGIT : value;
});

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);

/** Characters that can't be stored: NUL, and halves of surrogate pairs. JSON has them only as escapes. */
const UNSTORABLE = /\\u(?:0000|d[89a-f][\da-f]{2})/i;

/**
 * The payload in a webhook's body, in both forms that GitHub sends it in: as JSON, and as a form with the JSON in the field
 * `payload`. Bytes that are no UTF-8 become replacement characters: no failure is lost for one of them.
 * @throws InvalidInput for what is no JSON, nests too deeply or holds more values than any event
 */
export function readPayload(body: Buffer, contentType: string | undefined): unknown {
  const json = isForm(contentType) ? payloadField(body) : body;
  checkSize(json);
  const text = json.toString('utf8').replace(/^\ufeff/, '');
  try {
    return UNSTORABLE.test(text) ? JSON.parse(text, storable) : JSON.parse(text);
  } catch (error) {
    throw new InvalidInput(`The delivery is not JSON: ${(error as Error).message}.`);
  }
}

function isForm(contentType: string | undefined): boolean {
  return contentType?.split(';')[0]!.trim().toLowerCase() === FORM_CONTENT_TYPE;
}

/** Bytes alone, in one pass: it is read before the signature of a project's own secret can be checked. */
function payloadField(body: Buffer): Buffer {
  const from = startOfField(body);
  const end = body.indexOf(AMPERSAND, from);
  // Only the one field is decoded: a form of millions of others costs nothing.
  return decoded(end < 0 ? body.subarray(from) : body.subarray(from, end));
}

function startOfField(body: Buffer): number {
  if (body.subarray(0, FIELD.length).equals(FIELD)) return FIELD.length;
  const at = body.indexOf(LATER_FIELD);
  if (at < 0) throw new InvalidInput('The form has no field “payload”, in which GitHub sends the event.');
  return at + LATER_FIELD.length;
}

/** What is no escape stays as it is. */
function decoded(field: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(field.length);
  let length = 0;
  for (let i = 0; i < field.length; i += 1) {
    const byte = field[i]!;
    const high = byte === PERCENT && i + 2 < field.length ? HEX_DIGITS[field[i + 1]!]! : NO_DIGIT;
    const low = high === NO_DIGIT ? NO_DIGIT : HEX_DIGITS[field[i + 2]!]!;
    if (low === NO_DIGIT) bytes[length] = byte === PLUS ? SPACE : byte;
    else {
      bytes[length] = high * 16 + low;
      i += 2;
    }
    length += 1;
  }
  return bytes.subarray(0, length);
}

function checkSize(json: Buffer): void {
  let depth = 0;
  let values = 1;
  let isInString = false;
  for (let i = 0; i < json.length; i += 1) {
    const byte = json[i]!;
    if (isInString) {
      if (byte === BACKSLASH) i += 1;
      else if (byte === QUOTE) isInString = false;
    } else if (byte === QUOTE) isInString = true;
    else if (byte === COMMA) values += 1;
    else if (OPENING.has(byte)) {
      depth += 1;
      values += 1;
      if (depth > MAX_DEPTH)
        throw new InvalidInput(
          `The delivery nests more than ${MAX_DEPTH} levels deep; no event of GitHub does.`,
        );
    } else if (CLOSING.has(byte)) depth -= 1;
    if (values > MAX_VALUES)
      throw new InvalidInput(`The delivery holds more than ${MAX_VALUES} values; no event of GitHub does.`);
  }
}

function storable(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? value.replaceAll('\0', '').toWellFormed() : value;
}
