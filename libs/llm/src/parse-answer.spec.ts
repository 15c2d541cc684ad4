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
  ])('reads %s', (_, text) => {
    expect(parseAnswer(text)).toEqual({ a: 1 });
  });

  it.each(['', 'I can not answer that.', '{"a": 1', 'a } before {', '```json\nnothing\n```'])(
    'finds no object in %j',
    (text) => {
      expect(() => parseAnswer(text)).toThrow('no JSON object');
    },
  );
});
