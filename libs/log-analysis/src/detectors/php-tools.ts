import type { Detector } from './detector.js';

/** What checks PHP projects and brings their packages: PHPStan, Psalm, PHP_CodeSniffer, PHP-CS-Fixer, Composer. */
export const phpTools: Detector = {
  family: 'php-tools',
  rules: [
    {
      id: 'phpstan.file',
      near: ['.php'],
      and: ['line  '],
      pattern: /^\s{1,3}Line {2,10}(?<file>\S{1,300}\.php)(?: .{0,200})?$/,
      weight: 84,
      category: 'quality',
      subcategory: 'static_analysis',
      context: { before: 1, after: 6 },
    },
    {
      id: 'phpstan.raw',
      near: ['.php:'],
      pattern:
        /^(?<file>[^\s:]{1,300}\.php):(?<line>\d{1,7}):(?<message>(?:Method|Property|Parameter|Call to|Access to|Class|Function|Cannot|Undefined|Variable|Instantiated|Return|PHPDoc)\b.*)/,
      weight: 90,
      category: 'quality',
      subcategory: 'static_analysis',
    },
    {
      id: 'phpstan.summary',
      near: ['[error] found '],
      pattern: /^\s{0,3}\[ERROR\] Found [1-9]\d{0,6} errors?\s*$/,
      weight: 62,
      category: 'quality',
      subcategory: 'static_analysis',
    },
    {
      id: 'psalm.error',
      near: ['error: '],
      and: ['.php:'],
      pattern:
        /^ERROR: (?<code>[A-Z]\w{3,60}) - (?<file>[^\s:]{1,300}\.php):(?<line>\d{1,7}):(?<column>\d{1,6}) - (?<message>.*)/,
      weight: 91,
      category: 'quality',
      subcategory: 'static_analysis',
    },
    {
      id: 'phpcs.file',
      near: ['file: '],
      and: ['.php'],
      pattern: /^FILE: (?<file>\S{1,300}\.php)$/,
      weight: 80,
      category: 'quality',
      subcategory: 'lint',
      context: { before: 0, after: 8 },
    },
    {
      id: 'phpcs.error',
      near: ['| error '],
      pattern: /^\s{1,6}(?<line>\d{1,7}) \| ERROR\s{1,4}\| (?<message>.*)/,
      weight: 88,
      category: 'quality',
      subcategory: 'lint',
      suggestion: 'phpcbf',
    },
    {
      id: 'php-cs-fixer.file',
      near: ['.php ('],
      pattern: /^\s{2,4}\d{1,5}\) (?<file>\S{1,300}\.php) \([\w, ]{2,400}\)$/,
      weight: 88,
      category: 'quality',
      subcategory: 'format',
      suggestion: 'vendor/bin/php-cs-fixer fix',
    },
    {
      id: 'composer.resolve',
      near: [
        'your requirements could not be resolved',
        'is missing from your system',
        'could not be found in any version',
        'could not find a matching version of package',
      ],
      pattern:
        /(?<message>Your requirements could not be resolved.*|.{0,300}is missing from your system.*|.{0,300}could not be found in any version.*|Could not find a matching version of package.*)/,
      weight: 91,
      category: 'dependency',
      subcategory: 'unresolvable_package',
      context: { before: 1, after: 8 },
    },
    {
      id: 'composer.problem',
      near: ['    - root composer.json requires', 'your php version (', '- your lock file does not contain'],
      pattern:
        /^\s{2,6}- (?<message>(?:Root composer\.json requires|.{0,200}your php version \(|[Yy]our lock file does not contain).*)/,
      weight: 92,
      category: 'dependency',
      subcategory: 'unresolvable_package',
    },
  ],
};
