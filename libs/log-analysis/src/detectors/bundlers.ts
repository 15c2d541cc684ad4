import type { Detector } from './detector.js';

/** webpack, vite, rollup, esbuild, next, babel, PostCSS: builds of web code, and modules they can't find. */
export const bundlers: Detector = {
  family: 'bundlers',
  rules: [
    {
      id: 'bundler.failed',
      tool: 'next',
      near: ['failed to compile'],
      pattern: /^\s{0,4}(?:[^\w\s]{1,3}\s{1,3})?Failed to compile\.?/,
      weight: 60,
      category: 'compile_error',
      context: { before: 0, after: 8 },
    },
    {
      id: 'next.prerender',
      near: ['error occurred prerendering', 'export encountered'],
      pattern:
        /(?<message>Error occurred prerendering page "(?<file>[^"]{1,300})".*|Export encountered (?:an error|errors) on.*)/,
      weight: 90,
      category: 'compile_error',
      subcategory: 'prerender',
      context: { before: 1, after: 6 },
    },
    {
      id: 'next.build',
      near: ['failed to collect page data', 'build error occurred', 'next build" exited'],
      pattern:
        /(?:Failed to collect page data for|Build error occurred|Command "(?:npm|yarn|pnpm) run build" exited)/,
      weight: 64,
      category: 'compile_error',
      context: { before: 4, after: 8 },
    },
    {
      id: 'bundler.module-not-found',
      tool: 'webpack',
      near: ['module not found'],
      pattern: /Module not found: (?<message>.*)/,
      weight: 93,
      category: 'compile_error',
      subcategory: 'module_not_found',
      context: { before: 2, after: 6 },
    },
    {
      id: 'webpack.error-in',
      near: ['error in '],
      pattern: /^ERROR in (?<file>\S{1,300})(?: (?<line>\d{1,7}):(?<column>\d{1,6}).*)?$/,
      weight: 84,
      category: 'compile_error',
      context: { before: 0, after: 8 },
    },
    {
      id: 'webpack.module-build',
      near: ['module build failed', 'module parse failed'],
      pattern: /Module (?:build|parse) failed(?: \([^)]{1,300}\))?:\s?(?<message>.*)/,
      weight: 90,
      category: 'compile_error',
      context: { before: 2, after: 8 },
    },
    {
      id: 'webpack.summary',
      near: ['webpack'],
      and: ['compiled with', ' error'],
      pattern: /webpack (?:[\d.]{1,12} )?compiled with [1-9]\d{0,5} errors?/,
      weight: 42,
      category: 'compile_error',
    },
    {
      id: 'vite.resolve',
      near: [
        'failed to resolve import',
        'failed to resolve entry',
        'could not resolve "',
        "could not resolve '",
      ],
      pattern:
        /(?:Rollup failed to resolve import|Failed to resolve import|Failed to resolve entry for package|Could not resolve) ["'](?<file>[^"']{1,300})["'].*/,
      weight: 92,
      category: 'compile_error',
      subcategory: 'module_not_found',
      context: { before: 2, after: 8 },
    },
    {
      id: 'vite.build',
      near: ['error during build', 'rolluperror', 'build failed in', 'parse_error'],
      pattern:
        /^(?:\S{1,3} )?(?:error during build:?|(?:\[[^\]]{1,60}\] )?RollupError:.*|\S{1,2}\s{1,2}Build failed in .*)/,
      weight: 72,
      category: 'compile_error',
      context: { before: 1, after: 8 },
    },
    {
      id: 'esbuild.error',
      near: ['[error]'],
      pattern: /^\s{0,2}(?:✘|X|Γ£ÿ|×)\s{1,2}\[ERROR\] (?<message>.*)/,
      weight: 90,
      category: 'compile_error',
      context: { before: 0, after: 8 },
    },
    {
      id: 'babel.syntax',
      near: ['syntaxerror: '],
      pattern:
        /SyntaxError: (?<file>[^\s:]{1,300}\.[a-z]{2,4}): (?<message>.*)\((?<line>\d{1,7}):(?<column>\d{1,6})\)/,
      weight: 92,
      category: 'compile_error',
      subcategory: 'syntax',
    },
    {
      id: 'node.missing-package',
      tool: 'node',
      near: ['cannot find module', 'cannot find package', 'err_module_not_found'],
      pattern:
        /(?<message>Cannot find (?:module|package) ['"](?<file>(?:@[\w.~-]{1,100}\/)?(?!\.|\/|[A-Za-z]:)[\w.~-]{1,100}[^'"]{0,200})['"].*)/,
      unless: /type declarations|^\s{1,8}at |imported from \/.*node_modules.*node_modules/,
      weight: 91,
      category: 'dependency',
      subcategory: 'missing_module',
      context: { before: 3, after: 6 },
      suggestion:
        'Add `$<file>` to the dependencies (it may be listed for development only) and commit the lock file.',
    },
    {
      id: 'node.missing-file',
      tool: 'node',
      near: ['cannot find module', 'err_module_not_found', 'cannot find package'],
      pattern:
        /(?<message>Cannot find (?:module|package) ['"](?<file>(?:\.|\/|[A-Za-z]:)[^'"]{1,300})['"].*)/,
      unless: /type declarations/,
      weight: 89,
      category: 'compile_error',
      subcategory: 'module_not_found',
      context: { before: 3, after: 6 },
    },
    {
      id: 'webpack.invalid-config',
      near: [
        'invalid configuration object',
        'unknown option',
        'failed to load config',
        'error loading config',
        'configuration error',
      ],
      pattern:
        /(?:Invalid configuration object|failed to load config from|Error loading config|Failed to load config "|ValidationError: Invalid options object)(?<message>.*)/i,
      weight: 90,
      category: 'build_config',
      subcategory: 'bundler_config',
    },
    {
      id: 'node.openssl',
      near: ['err_ossl_evp_unsupported', 'digital envelope routines'],
      pattern: /(?:ERR_OSSL_EVP_UNSUPPORTED|digital envelope routines::unsupported)/,
      weight: 90,
      category: 'build_config',
      subcategory: 'openssl',
      suggestion: 'Update the bundler, or set NODE_OPTIONS=--openssl-legacy-provider for the build.',
    },
    {
      id: 'bundler.budget',
      near: ['exceeded maximum budget', 'budget'],
      pattern: /\bError: (?:bundle initial|.{1,200}) exceeded maximum budget/,
      weight: 91,
      category: 'quality',
      subcategory: 'size_budget',
    },
    {
      id: 'sass.error',
      near: ['sasserror', 'expected "', 'undefined variable', "can't find stylesheet"],
      pattern:
        /^(?:SassError: (?<message>.*)|Error: (?:Undefined variable|Can't find stylesheet to import)\.)/,
      weight: 90,
      category: 'compile_error',
      subcategory: 'stylesheet',
    },
  ],
};
