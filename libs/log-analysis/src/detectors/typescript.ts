import type { Detector } from './detector.js';

/** tsc, vue-tsc, svelte-check, astro check, Angular, and the messages bundlers relay from them. */
export const typescript: Detector = {
  family: 'typescript',
  rules: [
    {
      id: 'tsc.error',
      near: ['error ts'],
      pattern:
        /(?<![^\s(:'"])(?<file>[^\s(:'"]{1,300})(?:\(|:)(?<line>\d{1,7})[,:](?<column>\d{1,6})\)?(?: -|:)\s{1,3}error (?<code>TS\d{1,6}): (?<message>.*)/,
      weight: 93,
      category: 'compile_error',
      subcategory: 'type_check',
      context: { before: 1, after: 5 },
    },
    {
      id: 'tsc.bare',
      near: ['error ts'],
      pattern: /\berror (?<code>TS\d{1,6}): (?<message>.*)/,
      weight: 91,
      category: 'compile_error',
      subcategory: 'type_check',
    },
    {
      id: 'tsc.esbuild',
      near: ['[error] ts', '[error] ng'],
      pattern: /\[ERROR\] (?<code>(?:TS|NG)-?\d{1,6}): (?<message>.*)/,
      weight: 92,
      category: 'compile_error',
      subcategory: 'type_check',
    },
    {
      id: 'tsc.summary',
      near: ['found '],
      and: [' error'],
      pattern: /^Found \d{1,6} errors?(?: in \d{1,6} files?\.?| in the same file.*|\. Watching.*)$/,
      unless: /checked \d/,
      weight: 45,
      category: 'compile_error',
      subcategory: 'type_check',
    },
    {
      id: 'svelte.error',
      near: ['error: '],
      pattern: /^Error: (?<message>.*)/,
      after: /^\S{1,300}\.(?:svelte|ts|js|tsx|jsx):\d{1,7}:\d{1,6}\s*$/,
      weight: 92,
      category: 'compile_error',
      subcategory: 'type_check',
      context: { before: 1, after: 4 },
    },
    {
      id: 'svelte.summary',
      near: ['svelte-check found'],
      pattern: /svelte-check found [1-9]\d{0,5} errors?/,
      weight: 50,
      category: 'compile_error',
      subcategory: 'type_check',
    },
    {
      id: 'astro.error',
      near: ['error ts(', 'error astro('],
      pattern:
        /^(?<file>[^\s:]{1,300}):(?<line>\d{1,7}):(?<column>\d{1,6}) - error (?<code>\w{1,10}\(\d{1,6}\)): (?<message>.*)/,
      weight: 92,
      category: 'compile_error',
      subcategory: 'type_check',
    },
    {
      id: 'next.type-error',
      near: ['type error: '],
      pattern: /^\s{0,4}Type error: (?<message>.*)/,
      weight: 92,
      category: 'compile_error',
      subcategory: 'type_check',
      context: { before: 2, after: 8 },
    },
  ],
};
