import type { Detector } from './detector.js';

/** Linters that no one language owns: YAML, shell, Dockerfiles, workflows, schemas, spelling, prose, licence headers. */
export const lintTools: Detector = {
  family: 'lint-tools',
  rules: [
    {
      id: 'yamllint.problem',
      near: [' error '],
      pattern:
        /^\s{2,4}(?<line>\d{1,7}):(?<column>\d{1,6})\s{1,8}error\s{1,8}(?<message>\S.{0,400}?) {1,4}\((?<code>[a-z][a-z-]{2,40})\)$/,
      weight: 91,
      category: 'quality',
      subcategory: 'lint',
      context: { before: 2, after: 1 },
    },
    {
      id: 'yamllint.parsable',
      near: [
        ' [error] ',
        '[line-length]',
        '[trailing-spaces]',
        '[indentation]',
        '[document-start]',
        '[truthy]',
      ],
      pattern:
        /^(?:(?<file>[^\s:]{1,300}\.ya?ml):)?(?<line>\d{1,7}):(?<column>\d{1,6}):? (?:\[error\] (?<message>.{1,400} \([a-z][a-z-]{2,40}\))|\[(?<code>[a-z][a-z-]{2,40})\] .{1,400})$/,
      weight: 90,
      category: 'quality',
      subcategory: 'lint',
    },
    {
      id: 'actionlint.problem',
      near: ['workflows/'],
      and: ['.yml:', '.yaml:'],
      pattern:
        /^(?<file>[^\s:]{0,200}workflows\/[^\s:]{1,200}\.ya?ml):(?<line>\d{1,7}):(?<column>\d{1,6}): (?<message>.{1,1500}) \[(?<code>[a-z][a-z-]{2,40})\]$/,
      weight: 91,
      category: 'quality',
      subcategory: 'lint',
      context: { before: 0, after: 3 },
    },
    {
      id: 'shellcheck.place',
      near: ['.sh line ', '.bash line ', '.ksh line ', '.bats line ', '- line '],
      pattern: /^In (?<file>\S{1,300}) line (?<line>\d{1,7}):$/,
      weight: 89,
      category: 'quality',
      subcategory: 'lint',
      context: { before: 0, after: 4 },
      completes: {
        within: 4,
        patterns: [/\^-{0,200}\^? (?:SC\d{4}\b)(?<message>.{1,400})/, /(?<code>SC\d{4})/],
      },
    },
    {
      id: 'shellcheck.finding',
      near: [' sc1', ' sc2', ' sc3'],
      pattern: /^\s{0,200}\^-{0,200}\^? (?<code>SC\d{4}) \((?:error|warning|info|style)\): (?<message>.*)/,
      weight: 87,
      category: 'quality',
      subcategory: 'lint',
    },
    {
      id: 'shellcheck.gcc',
      near: ['[sc1', '[sc2', '[sc3'],
      pattern:
        /^(?<file>[^\s:]{1,300}):(?<line>\d{1,7}):(?<column>\d{1,6}): (?:error|warning|note|info|style): (?<message>.*) \[(?<code>SC\d{4})\]$/,
      weight: 94,
      category: 'quality',
      subcategory: 'lint',
    },
    {
      id: 'shfmt.diff',
      near: ['.orig'],
      pattern: /^(?:diff (?:-u )?|--- )(?<file>\S{1,300}?\.(?:ba|z|k)?sh|\S{1,300}?\.bats)\.orig\b/,
      weight: 88,
      category: 'quality',
      subcategory: 'format',
      context: { before: 0, after: 6 },
      suggestion: 'shfmt -w .',
    },
    {
      id: 'hadolint.finding',
      near: [' dl3', ' dl4', ' dl1'],
      pattern:
        /^(?<file>[^\s:]{1,300}):(?<line>\d{1,7}) (?<code>(?:DL|SC)\d{4}) (?:error|warning|info|style): (?<message>.*)/,
      weight: 90,
      category: 'quality',
      subcategory: 'lint',
    },
    {
      id: 'cspell.word',
      near: ['unknown word'],
      pattern:
        /^(?<file>[^\s:]{1,300}):(?<line>\d{1,7}):(?<column>\d{1,6}) - (?<message>(?:Unknown|Forbidden|Misspelled) word.*)/,
      weight: 90,
      category: 'quality',
      subcategory: 'spelling',
    },
    {
      id: 'typos.word',
      near: ['` should be `'],
      pattern: /^(?:error: |\S{1,300}:\d{1,7}:\d{1,6}: )(?<message>`[^`]{1,80}` should be `[^`]{1,80}`.*)/,
      weight: 92,
      category: 'quality',
      subcategory: 'spelling',
      context: { before: 0, after: 5 },
    },
    {
      id: 'editorconfig.file',
      near: [
        'wrong indent',
        'wrong amount of left-padding',
        'wrong line ending',
        'trailing whitespace',
        'final newline',
      ],
      pattern:
        /^\s{1,8}(?<line>\d{1,7}): (?<message>Wrong (?:indent(?:ation)? (?:type|style|size)|amount of left-padding|line ending).*|Trailing whitespace|.{0,40}final newline.{0,40})/i,
      weight: 90,
      category: 'quality',
      subcategory: 'format',
      context: { before: 3, after: 0 },
    },
    {
      id: 'ansible-lint.finding',
      near: [
        'yaml[',
        'name[',
        'fqcn[',
        'var-naming[',
        'jinja[',
        'syntax-check[',
        'schema[',
        'args[',
        'key-order[',
        'load-failure[',
        'galaxy[',
        'role-name[',
      ],
      pattern: /^(?<code>[a-z][a-z-]{2,40}\[[a-z][\w/-]{1,40}\]): (?<message>[A-Z].*)/,
      weight: 88,
      category: 'quality',
      subcategory: 'lint',
      context: { before: 0, after: 3 },
    },
    {
      id: 'tflint.finding',
      near: ['(terraform_', '(aws_', '(azurerm_', '(google_'],
      pattern:
        /^(?:Error|Warning|Notice): (?<message>.{1,400}) \((?<code>(?:terraform|aws|azurerm|google)_[a-z_]{2,80})\)$/,
      weight: 90,
      category: 'quality',
      subcategory: 'lint',
      context: { before: 0, after: 5 },
    },
    {
      id: 'kubeconform.invalid',
      near: ['is invalid: ', 'failed validation: ', 'failed schema validation'],
      pattern:
        /^(?<file>[^\s:]{1,300}\.(?:ya?ml|json)) - (?<message>.{1,300} (?:is invalid|failed validation): .*)/,
      weight: 90,
      category: 'quality',
      subcategory: 'schema',
    },
    {
      id: 'vale.finding',
      near: ['  error  '],
      pattern:
        /^ {1,4}(?<line>\d{1,7}):(?<column>\d{1,6}) {2,12}error {1,12}(?<message>\S.{1,300}?) {2,40}(?<code>[A-Z]\w{1,40}\.\w{1,60}) {0,4}$/,
      weight: 91,
      category: 'quality',
      subcategory: 'prose',
      context: { before: 2, after: 1 },
    },
    {
      id: 'spectral.finding',
      near: [' error '],
      pattern:
        /^ {1,4}(?<line>\d{1,7}):(?<column>\d{1,6}) {1,4}error {1,4}(?<code>[a-z][a-z0-9]{1,30}-[\w-]{2,60}) {1,10}(?<message>\S.*)/,
      weight: 91,
      category: 'quality',
      subcategory: 'lint',
      context: { before: 2, after: 1 },
    },
    {
      id: 'buf.finding',
      near: ['.proto:'],
      pattern:
        /^(?<file>[^\s:]{1,300}\.proto):(?<line>\d{1,7}):(?<column>\d{1,6}):(?<message>(?:[A-Z]\w{1,40} (?:"|with|name|should)|Previously present|Field "|Files? ).*)/,
      weight: 90,
      category: 'quality',
      subcategory: 'lint',
    },
    {
      id: 'protoc.error',
      near: ['.proto:'],
      pattern:
        /^(?<file>[^\s:]{1,300}\.proto):(?<line>\d{1,7}):(?<column>\d{1,6}): (?<message>(?!warning).*)/,
      weight: 88,
      category: 'compile_error',
      subcategory: 'protobuf',
    },
    {
      id: 'sqlfluff.finding',
      near: ['| p: '],
      pattern:
        /^L: {1,5}(?<line>\d{1,7}) \| P: {1,5}(?<column>\d{1,6}) \| (?<code>[A-Z]{2,4}\d{2}|PRS) \| (?<message>.*)/,
      weight: 90,
      category: 'quality',
      subcategory: 'lint',
      context: { before: 1, after: 1 },
    },
  ],
};
