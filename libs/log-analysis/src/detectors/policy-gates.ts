import type { Detector } from './detector.js';

/** Gates that projects set themselves: licences, sizes, public API, links, generated files, rules for pull requests. */
export const policyGates: Detector = {
  family: 'policy-gates',
  rules: [
    {
      id: 'coverage.gate',
      near: ['coverage'],
      and: [
        'below',
        'less than',
        'lower than',
        'threshold',
        'minimum',
        'required',
        'decreased',
        'regressed',
        'dropped',
      ],
      pattern:
        /^\s{0,8}(?:\S{1,3} {1,2})?(?:Error: |ERROR: |FAIL(?:ED)?: )?(?<message>(?:.{0,120} )?[Cc]overage\b.{0,160}(?:\b(?:is |are |was )?(?:below|less than|lower than|under|decreased|regressed|dropped)\b|does not meet|not (?:met|reached)).*)/,
      unless: /^\s{0,8}(?:warn|info|debug|note)|\bif coverage|will fail/i,
      weight: 86,
      category: 'quality',
      subcategory: 'coverage',
      context: { before: 4, after: 2 },
    },
    {
      id: 'reuse.summary',
      near: ['missing copyright and licensing information', 'have no copyright and licensing information'],
      pattern:
        /^(?:# MISSING|The following files have no) (?<message>copyright and licensing information.*)/i,
      weight: 64,
      category: 'quality',
      subcategory: 'license',
      context: { before: 0, after: 8 },
      announces: {
        within: 4,
        rule: {
          id: 'reuse.file',
          pattern: /^\* (?<file>\S.{0,300})$/,
          weight: 88,
          category: 'quality',
          subcategory: 'license',
        },
      },
    },
    {
      id: 'license.header',
      tool: 'license-check',
      near: ['license header', 'licence header', 'copyright header', 'spdx'],
      pattern:
        /^(?<message>.{0,300}?(?:[Mm]issing|without|has no|does not (?:have|contain)|no valid|[Ii]nvalid) .{0,60}(?:[Ll]icen[sc]e|[Cc]opyright|SPDX)[ -](?:header|identifier)?.*)/,
      unless: /^\s{0,8}(?:warn|info|debug)|\b0 files/i,
      weight: 84,
      category: 'quality',
      subcategory: 'license',
    },
    {
      id: 'license.denied',
      tool: 'license-check',
      near: [
        '--failon',
        'not allowed license',
        'license is not allowed',
        'incompatible license',
        'forbidden license',
        'disallowed license',
      ],
      pattern:
        /^(?<message>.{0,300}?(?:Found license defined by the --fail[oO]n flag|[Ii]ncompatible licen[sc]es?|[Ff]orbidden licen[sc]es?|[Dd]isallowed licen[sc]es?|licen[sc]e is not allowed|not allowed licen[sc]e).*)/,
      weight: 90,
      category: 'quality',
      subcategory: 'license',
    },
    {
      id: 'size-limit.exceeded',
      near: [
        'size limit has exceeded',
        'exceeds the size limit',
        'bundle size exceeds',
        'fail  ./dist',
        'exceeded size limit',
      ],
      pattern:
        /^\s{0,8}(?<message>.{0,300}?(?:[Ss]ize limit has (?:been )?exceeded|exceed(?:s|ed) (?:the )?size limit|[Bb]undle size exceeds).*)/,
      weight: 90,
      category: 'quality',
      subcategory: 'size_budget',
      context: { before: 1, after: 3 },
    },
    {
      id: 'api-extractor.changed',
      near: [
        'you have changed the public api signature',
        'you have changed the api signature',
        'api signature for this project',
      ],
      pattern: /^(?:Warning|Error): (?<message>You have changed the (?:public )?API signature.*)/i,
      weight: 88,
      category: 'quality',
      subcategory: 'api_report',
    },
    {
      id: 'link-check.dead',
      near: ['[✖] ', '✗ [', '[404] ', '[err] ', 'status: 404', '[error] http'],
      pattern:
        /^\s{0,6}(?:\[✖\] (?<file>\S{1,400})(?<message>.*)|(?:✗ )?\[(?:[45]\d\d|ERR|ERROR|TIMEOUT)\] (?:<)?(?:https?|file):\S{1,400}.*)/,
      weight: 88,
      category: 'quality',
      subcategory: 'dead_link',
    },
    {
      id: 'git-diff.guard',
      tool: 'git',
      near: ['diff --git a/'],
      pattern: /^diff --git a\/(?<file>\S{1,300}) b\/\S{1,300}$/,
      weight: 44,
      category: 'quality',
      subcategory: 'generated_out_of_date',
      context: { before: 2, after: 8 },
    },
    {
      id: 'pull-request.rule',
      tool: 'pull-request-check',
      near: [
        'pull request title',
        'pr title',
        'pull request must',
        'pr must have',
        'pull request has no',
        'label is required',
        'required labels',
        'changelog entry',
        'changeset',
      ],
      pattern:
        /^(?:Error: )?(?<message>.{0,300}?(?:(?:[Nn]o|[Uu]nknown) release type .{0,80}[Pp]ull request title|(?:[Pp]ull request|PR) title .{0,200}(?:does(?:n't| not)|must|should|is not|invalid)|(?:[Pp]ull request|PR) must |label is required|[Rr]equired labels|(?:add|missing|no|need(?:s)?|without) (?:a )?(?:changelog entry|changeset)\b|no changesets were found).*)/,
      weight: 86,
      category: 'quality',
      subcategory: 'pr_policy_guard',
    },
  ],
};
