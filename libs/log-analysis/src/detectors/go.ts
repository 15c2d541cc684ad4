import type { Detector } from './detector.js';

/** go build, go vet, modules, gofmt, golangci-lint, staticcheck, govulncheck. */
export const go: Detector = {
  family: 'go',
  rules: [
    {
      id: 'go.compile',
      near: ['.go:'],
      pattern:
        /^(?:vet: )?(?<file>(?:\.{1,2}\/|\/)?[\w./@+-]{1,300}\.go):(?<line>\d{1,7}):(?<column>\d{1,6}): (?<message>(?:undefined: |undeclared name|cannot use |cannot |declared and not used|.{1,80} declared (?:and|but) not used|.{1,200} imported and not used|imported and not used|missing return|syntax error|too many |not enough |assignment mismatch|invalid |.{1,200} undefined|.{1,200} redeclared|multiple-value |unknown field|missing |duplicate |import cycle|could not import|no required module|expected |unexpected |unreachable code|.{1,80} is not a type|.{1,80} does not implement|package .{1,120} is not in|use of |non-|type .{1,80} has no|.{1,120} \((?:variable|constant|value|type|untyped) .{1,80}\) is not used|.{1,200} redeclared in this block|result of .{1,120} call not used|label .{1,60} defined and not used|impossible |first argument|loop variable|undefined).*)/,
      unless: /\((?:[a-z][\w-]{1,30}|(?:S[AT]?|U|QF)\d{4})\)$/,
      weight: 92,
      category: 'compile_error',
      subcategory: 'go',
      context: { before: 1, after: 2 },
      instead: [
        {
          step: /golangci|staticcheck|\bgo vet\b|\blint\b/i,
          category: 'quality',
          subcategory: 'static_analysis',
        },
      ],
    },
    {
      id: 'go.vet',
      near: ['.go:'],
      pattern:
        /^(?:vet: )?(?<file>(?:\.{1,2}\/)?[\w./@+-]{1,300}\.go):(?<line>\d{1,7}):(?<column>\d{1,6}): (?<message>.*)/,
      after: /^# /,
      weight: 90,
      category: 'quality',
      subcategory: 'static_analysis',
      context: { before: 1, after: 3 },
      instead: [{ step: /\bgo (?:build|install|run)\b/, category: 'compile_error', subcategory: 'go' }],
    },
    {
      id: 'golangci.issue',
      near: ['.go:'],
      pattern:
        /^(?:.{0,20}: )?(?<file>[\w./@+-]{1,300}\.go):(?<line>\d{1,7})(?::(?<column>\d{1,6}))?: (?<message>.{1,1500}) \((?<code>[a-z][\w-]{1,30}|(?:S[AT]?|U|QF)\d{4})\)$/,
      weight: 91,
      category: 'quality',
      subcategory: 'lint',
      context: { before: 0, after: 3 },
      instead: [{ seen: ['golangci.typecheck'], category: 'compile_error', subcategory: 'go' }],
    },
    {
      id: 'golangci.typecheck',
      tool: 'golangci',
      near: ['(typecheck)'],
      pattern:
        /^(?:.{0,20}: )?(?<file>[\w./@+-]{1,300}\.go):(?<line>\d{1,7})(?::\d{1,6})?: (?<message>.{1,1500}) \(typecheck\)$/,
      weight: 92,
      category: 'compile_error',
      subcategory: 'go',
    },
    {
      id: 'golangci.config',
      near: ['level=error', "can't load config", 'unsupported version of the configuration'],
      pattern:
        /(?:^Error: (?<message>(?:can't load config|unknown linters|unsupported version of the configuration).*)|^level=error msg="(?:Running error|Failed to run|\[linters_context\]|Timeout exceeded).*)/,
      weight: 90,
      category: 'quality',
      subcategory: 'lint_setup',
    },
    {
      id: 'gofmt.diff',
      near: ['.go.orig', 'diff -u '],
      pattern: /^(?:diff -u |diff |--- )(?<file>\S{1,300}?\.go)\.orig\b/,
      weight: 88,
      category: 'quality',
      subcategory: 'format',
      suggestion: 'gofmt -w .',
    },
    {
      id: 'go-mod.untidy',
      tool: 'go',
      near: ['diff current/go.mod', 'diff current/go.sum'],
      pattern: /^diff current\/(?<file>go\.(?:mod|sum)) tidy\/go\.(?:mod|sum)$/,
      weight: 90,
      category: 'quality',
      subcategory: 'generated_out_of_date',
      context: { before: 0, after: 8 },
      suggestion: 'go mod tidy',
    },
    {
      id: 'govulncheck.found',
      near: ['vulnerability #', 'your code is affected by'],
      pattern:
        /^(?:Vulnerability #\d{1,4}: (?<code>GO-\d{4}-\d{3,6})|(?<message>Your code is affected by [1-9]\d{0,4} vulnerabilit.*))/,
      weight: 90,
      category: 'quality',
      subcategory: 'vulnerability',
      context: { before: 0, after: 6 },
    },
    {
      id: 'go.sum',
      near: [
        'missing go.sum entry',
        'updates to go.mod needed',
        'updates to go.sum needed',
        'inconsistent vendoring',
      ],
      pattern:
        /^(?<message>.{0,1000}?(?:missing go\.sum entry|updates to go\.(?:mod|sum) needed|inconsistent vendoring).*)/,
      weight: 94,
      category: 'dependency',
      subcategory: 'lockfile',
      suggestion: 'go mod tidy',
    },
    {
      id: 'go.module',
      near: [
        'no required module provides package',
        'cannot find module providing package',
        'cannot find package',
        'unknown revision',
        'invalid version: ',
        'is not in std',
        'is not in goroot',
        'found, but does not contain package',
        'cannot find main module',
        'module declares its path as',
        'build constraints exclude all go files',
      ],
      pattern:
        /^(?<message>.{0,1000}?(?:no required module provides package|cannot find module providing package|cannot find package "|unknown revision|: invalid version: |is not in std\b|is not in GOROOT|found(?: \(\S{1,80}\))?, but does not contain package|cannot find main module|module declares its path as|build constraints exclude all Go files).*)/,
      unless: /^fatal: /,
      weight: 93,
      category: 'dependency',
      subcategory: 'go_module',
    },
    {
      id: 'go.checksum',
      near: ['checksum mismatch', 'security error'],
      pattern:
        /^(?:verifying )?\S{1,200}@v\S{1,100}: (?:verifying (?:go\.mod|module): )?checksum mismatch|^SECURITY ERROR$/,
      weight: 93,
      category: 'dependency',
      subcategory: 'checksum',
    },
    {
      id: 'go.version',
      near: [
        'requires go >= ',
        'invalid go version',
        'toolchain not available',
        'unknown directive: toolchain',
      ],
      pattern:
        /^(?<message>.{0,1000}?(?:requires go >= [\d.]{1,10}|invalid go version '|toolchain not available|unknown directive: toolchain).*)/,
      weight: 93,
      category: 'dependency',
      subcategory: 'go_version',
    },
    {
      id: 'go.proxy',
      near: ['golang.org', 'goproxy'],
      pattern:
        /^(?<message>.{0,1000}?(?:reading|Get "?)\s?"?https:\/\/(?:proxy|sum)\.golang\.org\S{0,300}: .*)/,
      unless: /(?:404|410) (?:Not Found|Gone)/,
      weight: 92,
      category: 'network',
      subcategory: 'registry',
    },
    {
      id: 'go.proxy-missing',
      near: ['404 not found', '410 gone'],
      and: ['golang.org/'],
      pattern: /^(?<message>.{0,1000}?reading https:\/\/(?:proxy|sum)\.golang\.org\S{0,300}: (?:404|410) .*)/,
      weight: 92,
      category: 'dependency',
      subcategory: 'go_module',
    },
    {
      id: 'go.no-files',
      near: ['no go files in', 'go.mod file not found', 'matched no packages', 'directory not found'],
      pattern:
        /^(?<message>(?:go: |package \S{1,200}: |no )?.{0,200}(?:no Go files in |go\.mod file not found in |go: .{0,80}directory not found).*)/,
      weight: 90,
      category: 'workflow_config',
      subcategory: 'working_directory',
    },
    {
      id: 'go.cgo',
      near: ['cgo: c compiler', 'pkg-config: exit status'],
      pattern: /(?<message>cgo: C compiler "\S{1,200}" not found.*|(?:# )?pkg-config: exit status.*)/,
      weight: 91,
      category: 'dependency',
      subcategory: 'system_dependency_missing',
    },
  ],
};
