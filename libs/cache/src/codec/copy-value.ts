import { NotCacheable } from './not-cacheable.js';
import { MAX_DEPTH, isByteView } from './tagged-json.js';

/** What a property, an array slot or an object costs besides what it holds, roughly. */
const SLOT_BYTES = 8;
const OBJECT_BYTES = 32;

/** A value of the cache's own, and roughly how much memory it takes. */
export interface OwnedValue {
  readonly value: unknown;
  readonly bytes: number;
}

/**
 * A copy that nobody else can change, measured on the way. It is what writing the value and reading it back would give
 * (tagged-json.ts), at a fraction of the cost.
 * @throws NotCacheable as `toTaggedJson` does
 */
export function ownedCopy(value: unknown): OwnedValue {
  const meter = { bytes: 0 };
  return { value: measured(value, meter, 0), bytes: meter.bytes };
}

/** A copy of a value that `ownedCopy` made. Texts are shared: they can't be changed. */
export function copyOf<T>(value: T): T {
  return (typeof value === 'object' && value !== null ? copyObject(value) : value) as T;
}

function copyObject(value: object): unknown {
  if (Array.isArray(value)) {
    const copy: unknown[] = [];
    for (let index = 0; index < value.length; index += 1) copy.push(copyOf(value[index]));
    return copy;
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return copyBuiltIn(value);
  const copy: Record<string, unknown> = {};
  const names = Object.keys(value);
  for (let index = 0; index < names.length; index += 1) {
    const name = names[index]!;
    define(copy, name, copyOf((value as Record<string, unknown>)[name]));
  }
  return copy;
}

function copyBuiltIn(value: object): unknown {
  if (value instanceof Date) return new Date(value.getTime());
  if (value instanceof Map) return new Map(Array.from(value, ([key, item]) => [copyOf(key), copyOf(item)]));
  if (value instanceof Set) return new Set(Array.from(value, copyOf));
  return copyBytes(value as ArrayBuffer | ArrayBufferView);
}

function copyBytes(value: ArrayBuffer | ArrayBufferView): unknown {
  if (value instanceof ArrayBuffer) return value.slice(0);
  const bytes = new Uint8Array(value.byteLength);
  bytes.set(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  if (Buffer.isBuffer(value)) return Buffer.from(bytes.buffer);
  const View = value.constructor as new (buffer: ArrayBuffer) => ArrayBufferView;
  return new View(bytes.buffer);
}

function measured(value: unknown, meter: { bytes: number }, depth: number): unknown {
  meter.bytes += SLOT_BYTES;
  switch (typeof value) {
    case 'string':
      meter.bytes += value.length;
      return value;
    case 'number':
    case 'boolean':
    case 'undefined':
      return value;
    case 'bigint':
      meter.bytes += OBJECT_BYTES;
      return value;
    case 'object':
      return value === null ? null : measuredObject(value, meter, depth);
    default:
      throw new NotCacheable(`A ${typeof value}`);
  }
}

function measuredObject(value: object, meter: { bytes: number }, depth: number): unknown {
  if (depth === MAX_DEPTH) throw new NotCacheable(`A cycle, or what is nested ${MAX_DEPTH} deep,`);
  meter.bytes += OBJECT_BYTES;
  const inner = (item: unknown): unknown => measured(item, meter, depth + 1);
  if (Array.isArray(value)) return Array.from(value, inner);
  if (value instanceof Date) return new Date(value.getTime());
  if (value instanceof Set) return new Set(Array.from(value, inner));
  if (value instanceof Map) return new Map(Array.from(value, ([key, item]) => [inner(key), inner(item)]));
  if (value instanceof ArrayBuffer || isByteView(value)) {
    meter.bytes += value.byteLength;
    return copyBytes(value);
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null)
    throw new NotCacheable(`A ${value.constructor.name}`);
  const copy: Record<string, unknown> = {};
  for (const [name, item] of Object.entries(value)) {
    meter.bytes += name.length;
    define(copy, name, inner(item));
  }
  return copy;
}

/** Sets a property; `__proto__` too becomes one instead of changing the prototype. */
function define(target: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__')
    Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
  else target[name] = value;
}
