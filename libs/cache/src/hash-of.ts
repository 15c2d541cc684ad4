import { createHash } from 'node:crypto';

const HASH_CHARACTERS = 32;

/**
 * The hash that cache keys hold: SHA-256 over canonical JSON, the first 32 hex characters. Object keys are sorted,
 * properties that are undefined left out, texts Unicode-normalised (NFC) with line ends as `\n`, and typed arrays
 * enter as their bytes, so that equal inputs give equal keys however they were built.
 * @throws TypeError for what has no canonical form: functions, symbols, class instances, numbers that aren't finite
 */
export function hashOf(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('hex').slice(0, HASH_CHARACTERS);
}

function canonical(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value.replaceAll('\r\n', '\n').normalize('NFC'));
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError(`${value} can't be part of a cache key.`);
      return JSON.stringify(value);
    case 'boolean':
      return `${value}`;
    case 'bigint':
      return `${value}n`;
    case 'undefined':
      return 'undefined';
    case 'object':
      return value === null ? 'null' : canonicalObject(value);
    default:
      throw new TypeError(`A ${typeof value} can't be part of a cache key.`);
  }
}

function canonicalObject(value: object): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value instanceof Date) return `Date(${value.getTime()})`;
  if (ArrayBuffer.isView(value)) {
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    return `${value.constructor.name}(${bytes.toString('base64')})`;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null)
    throw new TypeError(`A ${value.constructor.name} can't be part of a cache key.`);
  const properties = Object.entries(value)
    .filter(([, held]) => held !== undefined)
    .map(([name, held]) => [canonical(name), canonical(held)] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${properties.map(([name, held]) => `${name}:${held}`).join(',')}}`;
}
