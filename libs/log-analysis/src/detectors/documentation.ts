import type { Detector } from './detector.js';

/** Sphinx with warnings as errors, MkDocs, Hugo, Jekyll, Docusaurus, Doxygen, rustdoc links, link checkers of sites. */
export const documentation: Detector = {
  family: 'documentation',
  rules: [
    {
      id: 'sphinx.location',
      near: ['.rst:', '.md:', '.py:'],
      and: ['warning: ', 'error: '],
      pattern:
        /^(?<file>[^\s:]{1,400}\.(?:rst|md|py|ipynb)):(?:docstring of [\w.]{1,200}:)?(?:(?<line>\d{1,7}): )?(?: )?(?<code>WARNING|ERROR|CRITICAL): (?<message>.*)/,
      weight: 68,
      category: 'quality',
      subcategory: 'documentation',
      context: { before: 0, after: 1 },
    },
    {
      id: 'sphinx.treated-as-error',
      near: ['warning, treated as error'],
      pattern: /^Warning, treated as error:/,
      weight: 89,
      category: 'quality',
      subcategory: 'documentation',
      context: { before: 2, after: 3 },
      completes: {
        within: 1,
        patterns: [/^(?:(?<file>[^\s:]{1,400}):(?:(?<line>\d{1,7}):)?)?(?<message>\S.*)/],
      },
    },
    {
      id: 'mkdocs.warning',
      near: ['warning -  ', 'error   -  '],
      pattern: /^(?<code>WARNING|ERROR) {1,4}- {1,4}(?<message>\S.*)/,
      weight: 66,
      category: 'quality',
      subcategory: 'documentation',
      context: { before: 0, after: 1 },
      instead: [
        { seen: ['mkdocs.configuration'], category: 'build_config', subcategory: 'documentation' },
        { step: /\bgh-deploy\b/, category: 'runtime_deploy' },
      ],
    },
    {
      id: 'mkdocs.configuration',
      near: ['aborted with a configuration error', 'aborted with a buildererror', "config value '"],
      pattern:
        /^(?:ERROR {1,4}- {1,4}(?<message>Config value '.*)|Aborted with a (?:configuration|[Bb]uild)[ \w]{0,10}[Ee]rror.*)/,
      weight: 74,
      category: 'build_config',
      subcategory: 'documentation',
      context: { before: 4, after: 1 },
    },
    {
      id: 'hugo.error',
      near: [
        'error: error building site',
        'error: failed to load modules',
        'error building site:',
        'failed to extract shortcode',
      ],
      pattern:
        /^(?:Error|ERROR):? (?<message>(?:error building site|failed to load modules|.{0,200}failed to extract shortcode).*)/,
      weight: 91,
      category: 'build_config',
      subcategory: 'documentation',
      context: { before: 4, after: 1 },
    },
    {
      id: 'jekyll.error',
      near: ['liquid exception: ', 'jekyll ', 'liquid syntax error'],
      pattern:
        /^\s{0,20}(?:(?:Liquid Exception|Liquid syntax error(?: \(line (?<line>\d{1,7})\))?): (?<message>.*))/,
      weight: 91,
      category: 'build_config',
      subcategory: 'documentation',
      context: { before: 1, after: 4 },
    },
    {
      id: 'docusaurus.links',
      near: ['docusaurus found broken links', 'found broken anchors', 'broken link on source page'],
      pattern:
        /^(?:\[ERROR\] )?(?:\[?cause\]?: )?(?:Error: )?(?<message>Docusaurus found broken (?:links|anchors).*|- Broken link on source page path = .*)/,
      weight: 90,
      category: 'quality',
      subcategory: 'dead_link',
      context: { before: 1, after: 6 },
    },
    {
      id: 'doxygen.warning-as-error',
      near: ['(warning treated as error, aborting now)', 'fail_on_warnings'],
      pattern:
        /^(?:(?<file>[^\s:]{1,400}):(?<line>\d{1,7}): )?error: (?<message>.*\(warning treated as error, aborting now\).*)/,
      weight: 93,
      category: 'quality',
      subcategory: 'documentation',
    },
    {
      id: 'latex.error',
      near: ['! latex error', '! undefined control sequence', '! package '],
      pattern: /^! (?<message>(?:LaTeX Error|Undefined control sequence|Package \w{1,60} Error).*)/,
      weight: 92,
      category: 'compile_error',
      subcategory: 'latex',
      context: { before: 2, after: 4 },
    },
  ],
};
