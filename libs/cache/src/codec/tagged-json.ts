import { NotCacheable } from './not-cacheable.js';

/** The only property of an object that stands for what JSON has no form for: `{"$": ["Date", 0]}`. */
const TAG = '$';
/** Deeper is taken for a cycle. */
export const MAX_DEPTH = 500;

const BYTE_VIEWS = {
  Uint8Array,
  Uint8ClampedArray,
  Int8Array,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Int32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
} as const;
type ByteViewName = keyof typeof BYTE_VIEWS;

/** JSON text, and beside it the bytes of the byte arrays in the value, in the order in which the text refers to them. */
export interface TaggedJson {
  readonly json: string;
  readonly attachments: readonly Uint8Array[];
  /** Whether anything is tagged: of most values nothing is, and they are read by JSON.parse alone. */
  readonly tagged: boolean;
}

/** What was met on the way. */
interface Packing {
  readonly attachments: Uint8Array[];
  tagged: boolean;
}

/**
 * Writes a value as JSON in which dates, bigints, sets, maps, typed arrays, Buffers, ArrayBuffers, undefined, NaN, infinities and
 * -0 are tagged. A property that is undefined stays a property; a hole in an array comes back as undefined; an
 * object without prototype comes back with one.
 * @throws NotCacheable
 */
export function toTaggedJson(value: unknown): TaggedJson {
  const packing: Packing = { attachments: [], tagged: false };
  return { json: JSON.stringify(pack(value, packing, 0)), ...packing };
}

/** The value as it was. @throws SyntaxError or TypeError for text that `toTaggedJson` didn't write */
export function fromTaggedJson({ json, attachments, tagged }: TaggedJson): unknown {
  const value: unknown = JSON.parse(json);
  return tagged ? unpack(value, attachments) : value;
}

function tag(packing: Packing, type: string, ...content: unknown[]): object {
  packing.tagged = true;
  return { [TAG]: [type, ...content] };
}

function pack(value: unknown, packing: Packing, depth: number): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : tag(packing, 'number', numberName(value));
    case 'bigint':
      return tag(packing, 'bigint', value.toString());
    case 'undefined':
      return tag(packing, 'undefined');
    case 'object':
      return value === null ? null : packObject(value, packing, depth);
    default:
      throw new NotCacheable(`A ${typeof value}`);
  }
}

function packObject(value: object, packing: Packing, depth: number): unknown {
  if (depth === MAX_DEPTH) throw new NotCacheable(`A cycle, or what is nested ${MAX_DEPTH} deep,`);
  const inner = (item: unknown): unknown => pack(item, packing, depth + 1);
  if (Array.isArray(value)) return Array.from(value, inner);
  if (value instanceof Date)
    return tag(packing, 'Date', Number.isNaN(value.getTime()) ? null : value.getTime());
  if (value instanceof Set) return tag(packing, 'Set', Array.from(value, inner));
  if (value instanceof Map)
    return tag(
      packing,
      'Map',
      Array.from(value, ([key, item]) => [inner(key), inner(item)]),
    );
  if (value instanceof ArrayBuffer) return attach('ArrayBuffer', new Uint8Array(value), packing);
  if (ArrayBuffer.isView(value)) return packView(value, packing);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null)
    throw new NotCacheable(`A ${value.constructor.name}`);
  return packProperties(value, packing, inner);
}

function packProperties(value: object, packing: Packing, inner: (item: unknown) => unknown): object {
  const packed: Record<string, unknown> = {};
  for (const [name, item] of Object.entries(value)) define(packed, name, inner(item));
  return Object.hasOwn(packed, TAG) ? tag(packing, 'Object', packed) : packed;
}

/**
 * Whether a value is a view of bytes that can be cached, such as a typed array or a Buffer.
 * @throws NotCacheable for a view that can't: a DataView, a class of its own
 */
export function isByteView(value: object): value is ArrayBufferView {
  if (!ArrayBuffer.isView(value)) return false;
  viewName(value);
  return true;
}

function viewName(view: ArrayBufferView): string {
  const name = Buffer.isBuffer(view) ? 'Buffer' : view.constructor.name;
  if (name !== 'Buffer' && !(name in BYTE_VIEWS)) throw new NotCacheable(`A ${name}`);
  return name;
}

function packView(view: ArrayBufferView, packing: Packing): object {
  const name = viewName(view);
  return attach(name, new Uint8Array(view.buffer, view.byteOffset, view.byteLength), packing);
}

function attach(type: string, bytes: Uint8Array, packing: Packing): object {
  packing.attachments.push(bytes);
  return tag(packing, type, packing.attachments.length - 1);
}

function unpack(value: unknown, attachments: readonly Uint8Array[]): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) value[index] = unpack(value[index], attachments);
    return value;
  }
  const tag = (value as Record<string, unknown>)[TAG];
  if (Object.hasOwn(value, TAG)) return unpackTag(tag as [string, unknown], attachments);
  return unpackProperties(value, attachments);
}

function unpackProperties(value: object, attachments: readonly Uint8Array[]): object {
  for (const [name, item] of Object.entries(value))
    if (typeof item === 'object' && item !== null) define(value, name, unpack(item, attachments));
  return value;
}

function unpackTag([type, content]: [string, unknown], attachments: readonly Uint8Array[]): unknown {
  switch (type) {
    case 'undefined':
      return undefined;
    case 'number':
      return Number(content);
    case 'bigint':
      return BigInt(content as string);
    case 'Date':
      return new Date((content as number | null) ?? Number.NaN);
    case 'Set':
      return new Set(unpack(content, attachments) as unknown[]);
    case 'Map':
      return new Map(unpack(content, attachments) as [unknown, unknown][]);
    case 'Object':
      return unpackProperties(content as object, attachments);
    default:
      return unpackBytes(type, attachments[content as number]!);
  }
}

function unpackBytes(type: string, stored: Uint8Array): unknown {
  // A copy: views need aligned memory of their own, and Buffer.slice() would share it.
  const bytes = new Uint8Array(stored);
  if (type === 'ArrayBuffer') return bytes.buffer;
  if (type === 'Buffer') return Buffer.from(bytes.buffer);
  const View = BYTE_VIEWS[type as ByteViewName];
  return type === 'Uint8Array' ? bytes : new View(bytes.buffer);
}

function numberName(value: number): string {
  return Object.is(value, -0) ? '-0' : `${value}`;
}

/** Sets a property; `__proto__` too becomes one instead of changing the prototype. */
function define(target: object, name: string, value: unknown): void {
  if (name === '__proto__')
    Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
  else (target as Record<string, unknown>)[name] = value;
}
