import type { Detector } from './detector.js';

/** rustfmt, cargo-deny, cargo-audit, cargo-semver-checks, cargo-machete. */
export const rustQuality: Detector = {
  family: 'rust-quality',
  rules: [
    {
      id: 'rustfmt.diff',
      near: ['diff in '],
      pattern: /^Diff in (?:\\\\\?\\)?(?<file>\S.{0,300}?\.rs)(?: at line |:)(?<line>\d{1,7}):$/,
      weight: 91,
      category: 'quality',
      subcategory: 'format',
      context: { before: 0, after: 8 },
      suggestion: 'cargo fmt --all',
    },
    {
      id: 'cargo-semver.failure',
      near: ['--- failure '],
      pattern: /^--- failure (?<code>\w{3,80}): (?<message>.*) ---$/,
      weight: 91,
      category: 'quality',
      subcategory: 'api_compatibility',
      context: { before: 0, after: 10 },
      completes: {
        within: 14,
        patterns: [
          /^\s{2}(?<message>(?:function|struct|enum|trait|module|type|method|field|variant|feature|constant|static|macro|impl|\w{2,20}) \S{2,200}.*)/,
        ],
      },
    },
    {
      id: 'cargo-machete.unused',
      near: ['-- ./cargo.toml:', '/cargo.toml:'],
      pattern: /^(?<code>[\w-]{1,100}) -- (?<file>\S{0,300}Cargo\.toml):$/,
      weight: 89,
      category: 'quality',
      subcategory: 'dead_code',
      context: { before: 1, after: 4 },
      completes: { within: 1, patterns: [/^\s(?<message>[\w-]{1,100})$/] },
    },
    {
      id: 'cargo-deny.error',
      near: [
        'error[vulnerability]',
        'error[rejected]',
        'error[unlicensed]',
        'error[banned]',
        'error[unmaintained]',
        'error[yanked]',
        'error[duplicate]',
        'error[source-not-allowed]',
        'error[unsound]',
      ],
      pattern:
        /^error\[(?<code>vulnerability|rejected|unlicensed|banned|unmaintained|yanked|duplicate|source-not-allowed|unsound)\]: (?<message>.*)/,
      weight: 92,
      category: 'quality',
      subcategory: 'policy',
      context: { before: 0, after: 8 },
    },
    {
      id: 'cargo-audit.found',
      near: ['vulnerabilities found!', 'vulnerability found!', 'denied warning'],
      pattern: /^error: (?<message>\d{1,5} (?:vulnerabilit(?:y|ies) found!|denied warnings? found!).*)/,
      weight: 90,
      category: 'quality',
      subcategory: 'vulnerability',
      context: { before: 6, after: 1 },
    },
  ],
};
