import type { Detector } from './detector.js';

/** solc, Foundry, Hardhat. */
export const solidity: Detector = {
  family: 'solidity',
  rules: [
    {
      id: 'solc.missing-source',
      tool: 'solc',
      near: ['error (6275)', 'file import callback not supported'],
      pattern: /^(?:\w{0,20})?Error \((?<code>6275)\): (?<message>.*)/,
      weight: 94,
      category: 'dependency',
      subcategory: 'missing_import',
      suggestion:
        'Install the library (`forge install`, or submodules: recursive on checkout) or correct the remapping.',
    },
    {
      id: 'solc.error',
      near: ['error ('],
      pattern:
        /^(?:Compiler|Parser|Type|Declaration|Doc[Ss]tringParsing)?Error \((?<code>\d{3,5})\): (?<message>.*)/,
      weight: 92,
      category: 'compile_error',
      subcategory: 'solc',
      context: { before: 1, after: 5 },
    },
    {
      id: 'solc.classic',
      tool: 'solc',
      near: ['parsererror: ', 'typeerror: ', 'declarationerror: '],
      pattern:
        /^(?<file>\S{1,300}\.sol):(?<line>\d{1,7}):(?<column>\d{1,6}): (?:Parser|Type|Declaration)Error: (?<message>.*)/,
      weight: 92,
      category: 'compile_error',
      subcategory: 'solc',
    },
    {
      id: 'forge.fail',
      near: ['[fail'],
      pattern: /^\s{0,4}\[FAIL(?:[:.] ?(?<message>.{0,600}?))?\] (?<test>\w{1,200}\(.{0,200}\))/,
      weight: 91,
      category: 'test_failure',
      subcategory: 'assertion',
      test: true,
    },
    {
      id: 'forge.summary',
      near: ['encountered ', 'failing test'],
      pattern: /^(?:Encountered (?:a total of )?\d{1,6} failing tests?|Failing tests:)/,
      weight: 46,
      category: 'test_failure',
    },
    {
      id: 'forge.format',
      near: ['diff in '],
      pattern: /^Diff in (?<file>\S{1,300}\.sol):/,
      weight: 91,
      category: 'quality',
      subcategory: 'format',
      suggestion: 'Run `forge fmt` and commit the result.',
    },
  ],
};
