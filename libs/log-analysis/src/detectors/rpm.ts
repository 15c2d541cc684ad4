import type { Detector } from './detector.js';

/** rpmbuild, mock, dnf and yum as package builds use them. */
export const rpm: Detector = {
  family: 'rpm',
  rules: [
    {
      id: 'dnf.no-match',
      near: [
        'no match for argument: ',
        'unable to find a match: ',
        'no matching package to install',
        'no package ',
        'nothing provides ',
      ],
      pattern:
        /^(?:Error: )?\s{0,6}(?:- )?(?<message>(?:No match for argument|Unable to find a match|No matching package to install): .*|(?:Problem(?: \d{1,3})?: )?.{0,300}nothing provides .*)/,
      weight: 92,
      category: 'dependency',
      subcategory: 'package_not_found',
    },
    {
      id: 'rpmbuild.dependencies',
      near: ['failed build dependencies', ' is needed by '],
      pattern:
        /^(?:error: (?<message>Failed build dependencies:.*)|\s{1,8}(?<code>\S.{0,200}) is needed by \S{1,200})/,
      weight: 92,
      category: 'dependency',
      subcategory: 'build_dependency',
      context: { before: 0, after: 4 },
    },
    {
      id: 'rpmbuild.files',
      near: [
        'installed (but unpackaged)',
        'file not found: ',
        'directory not found: ',
        'error: file /',
        'error: bad ',
      ],
      pattern:
        /^(?:error: |\s{1,6})(?<message>Installed \(but unpackaged\) file\(s\) found:.*|(?:File|Directory) not found: .*|File \S{1,300}: No such file or directory|Bad (?:file|source): .*)/,
      weight: 90,
      category: 'build_config',
      subcategory: 'spec',
      context: { before: 0, after: 6 },
    },
    {
      id: 'rpmbuild.spec',
      near: ['error: line ', 'unknown tag', 'error: query of specfile'],
      pattern: /^error: (?<message>line \d{1,6}: .*|Query of specfile .*)/,
      weight: 91,
      category: 'build_config',
      subcategory: 'spec',
    },
    {
      id: 'rpmbuild.patch',
      tool: 'patch',
      near: ['hunk #', 'hunks failed', 'hunk failed', 'patch failed'],
      pattern: /^(?:Hunk #\d{1,5} FAILED at \d.*|\d{1,5} out of \d{1,5} hunks? FAILED.*)/,
      weight: 91,
      category: 'build_config',
      subcategory: 'patch',
      context: { before: 3, after: 2 },
    },
    {
      id: 'rpmbuild.check',
      near: ['bad exit status from'],
      pattern: /Bad exit status from \S{1,200} \(%check\)/,
      weight: 44,
      category: 'test_failure',
    },
    {
      id: 'rpmbuild.prep',
      near: ['bad exit status from'],
      pattern: /Bad exit status from \S{1,200} \(%(?:prep|generate_buildrequires|install|conf)\)/,
      weight: 43,
      category: 'build_config',
    },
    {
      id: 'rpmbuild.build',
      near: ['bad exit status from'],
      pattern: /Bad exit status from \S{1,200} \(%build\)/,
      weight: 43,
      category: 'compile_error',
    },
    {
      id: 'dpkg.dependencies',
      near: ['unmet build dependencies', 'dpkg-buildpackage: error', 'dh_auto_'],
      pattern:
        /^(?:dpkg-checkbuilddeps: error: (?<message>Unmet build dependencies: .*)|dpkg-buildpackage: error: .*|dh_auto_(?:test|build|configure|install): error: .*)/i,
      weight: 48,
      category: 'compile_error',
      instead: [{ step: /\btest\b/i, category: 'test_failure' }],
    },
  ],
};
