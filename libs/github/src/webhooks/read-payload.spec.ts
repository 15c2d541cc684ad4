import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FORM_CONTENT_TYPE, readPayload } from './read-payload.js';

const JSON_TYPE = 'application/json';
const read = (text: string | Buffer, type = JSON_TYPE) => readPayload(Buffer.from(text as string), type);
const form = (payload: string) => new URLSearchParams({ other: 'x', payload }).toString();

function msToRefuse(body: Buffer): number {
  const before = performance.now();
  expect(() => readPayload(body, FORM_CONTENT_TYPE)).toThrow('not JSON');
  return performance.now() - before;
}

describe('readPayload', () => {
  it('reads the same of JSON and of a form, whatever is in it', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const text = JSON.stringify(value);
        expect(read(form(text), `${FORM_CONTENT_TYPE}; charset=utf-8`)).toEqual(read(text));
      }),
    );
  });

  it('reads what JSON.parse reads, as long as it can be stored', () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: 'binary' }), (text) => {
        fc.pre(!/\\u(?:0000|d[89a-f])/i.test(text) && text.isWellFormed());
        expect(read(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it.each([
    ['{"a": ', 'not JSON'],
    ['', 'not JSON'],
    [`${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'more than 100 levels'],
    [`${'{"a":'.repeat(101)}1${'}'.repeat(101)}`, 'more than 100 levels'],
    [`[${'0,'.repeat(1_000_000)}0]`, 'more than 1000000 values'],
    [`[${'{},'.repeat(600_000)}{}]`, 'more than 1000000 values'],
  ])('refuses %.20s…, and says why', (text, reason) => {
    expect(() => read(text)).toThrow(reason);
  });

  it.each([
    ['no field', 'zen=1', 'no field “payload”'],
    ['another field', 'xpayload=%7B%7D', 'no field “payload”'],
    ['half an escape', 'payload=%7', 'not JSON'],
    ['an empty field', 'payload=', 'not JSON'],
  ])('refuses a form with %s', (_, text, reason) => {
    expect(() => read(text, FORM_CONTENT_TYPE)).toThrow(reason);
  });

  it('leaves what is no escape as it is, and takes the first field only', () => {
    const text = 'zen=%7B&payload=%22%zz%4+%4A%C3%a9%%341%2&payload=2%22';
    expect(() => read(text, FORM_CONTENT_TYPE)).toThrow('not JSON');
    expect(read('payload=%22%zz%4+%4A%C3%a9%%341%2%22&payload=2', FORM_CONTENT_TYPE)).toBe('%zz%4 Jé%41%2');
  });

  it('decodes a form of nothing but escapes in the time of a pass over its bytes', () => {
    const escapes = Buffer.from(`payload=%22${'%41'.repeat(8_000_000)}`);
    const plain = Buffer.from(`payload=%22${'AAA'.repeat(8_000_000)}`);
    msToRefuse(plain);
    expect(Math.min(msToRefuse(escapes), msToRefuse(escapes))).toBeLessThan(
      3 * Math.max(msToRefuse(plain), msToRefuse(plain)),
    );
  });

  it('counts no brackets and commas inside strings', () => {
    const value = { text: `${'[{,'.repeat(400_000)}"\\` };
    expect(read(JSON.stringify(value))).toEqual(value);
  });

  it('takes bytes that are no UTF-8, and what no database stores, without losing the rest', () => {
    const latin = Buffer.concat([Buffer.from('{"name":"caf'), Buffer.from([0xe9]), Buffer.from('"}')]);
    expect(read(latin)).toEqual({ name: 'caf\ufffd' });
    expect(read(String.raw`{"name":"a\u0000b\uD800c","rest":"\ud83d\ude00"}`)).toEqual({
      name: 'ab\ufffdc',
      rest: '😀',
    });
  });

  it('makes nothing of __proto__ but a field', () => {
    const value = read('{"__proto__": {"isAdmin": true}, "a": 1, "a": 2}') as {
      a: number;
      isAdmin?: boolean;
    };
    expect([value.a, value.isAdmin, ({} as { isAdmin?: boolean }).isAdmin]).toEqual([
      2,
      undefined,
      undefined,
    ]);
  });
});
