import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAnswer } from './parse-answer.js';

describe('parseAnswer', () => {
  it.each([
    ['an object alone', '{"a": 1}'],
    ['an object with blanks around it', '\n  {"a": 1}\n'],
    ['a fenced block', 'Here you are:\n```json\n{"a": 1}\n```\nAnything else?'],
    ['a fence without a language', '```\n{"a": 1}\n```'],
    ['an object in a sentence', 'The answer is {"a": 1}. Good luck!'],
    ['reasoning first', '<think>maybe {"a": 2}? no</think>\n{"a": 1}'],
    ['reasoning with another tag', '<thinking>hm</thinking>```json\n{"a": 1}\n```'],
    ['reasoning whose beginning the server ate', 'maybe {"a": 2}? no</think>\n\n{"a": 1}'],
    ['a draft before the answer', 'First {"a": 2}, but better: {"a": 1}'],
    [
      'the last channel of an open model',
      '<|channel|>analysis<|message|>{"a": 2}<|channel|>final<|message|>{"a": 1}',
    ],
  ])('reads %s', (_, text) => {
    expect(parseAnswer(text)).toEqual({ value: { a: 1 }, repair: 'none' });
  });

  it.each([
    ['trailing commas', '{"a": 1, "b": ["x",],}', { a: 1, b: ['x'] }],
    ['single quotes', "{'a': 1}", { a: 1 }],
    ['bare keys', '{a: 1}', { a: 1 }],
    ['comments', '```json\n{"a": 1 // one\n}\n```', { a: 1 }],
    ['values of Python', '{"a": True, "b": None}', { a: true, b: null }],
    ['a line end within a text', '{"a": "x\ny"}', { a: 'x\ny' }],
  ])('mends %s, and says so', (_, text, value) => {
    expect(parseAnswer(text)).toEqual({ value, repair: 'syntax' });
  });

  it.each([
    ['within a list', '{"a": 1, "b": ["x", "y', { a: 1, b: ['x', 'y'] }],
    ['behind a key', '{"a": 1, "b":', { a: 1 }],
    ['within a fence', '```json\n{"a": 1, "b": {"c": 2', { a: 1, b: { c: 2 } }],
  ])('closes an answer that is cut off %s, and says so', (_, text, value) => {
    expect(parseAnswer(text)).toMatchObject({ value, repair: 'cut_off' });
  });

  it.each(['', 'I can not answer that.', '[1, 2]', '"text"', '```json\nnothing\n```'])(
    'finds no object in %j',
    (text) => {
      expect(() => parseAnswer(text)).toThrow('no JSON object');
    },
  );

  it('reads every object as it is, whatever its texts hold', () => {
    const value = fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.array(fc.string())));
    fc.assert(
      fc.property(value, (object) => {
        expect(parseAnswer(`Sure:\n\`\`\`json\n${JSON.stringify(object)}\n\`\`\``).value).toEqual(
          JSON.parse(JSON.stringify(object)),
        );
      }),
    );
  });
});
