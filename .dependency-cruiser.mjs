/**
 * Who may import whom (docs/architecture.md): every rule carries its reason, which is printed with a violation.
 */
const lib = (name) => `^libs/${name}/`;
const OTHER_NPM = '(^|/)node_modules/';

/** lib → libs it may import. */
const MAY_IMPORT = {
  domain: [],
  net: [],
  config: [],
  'log-analysis': ['domain'],
  telemetry: ['domain', 'config'],
  pipeline: ['domain', 'log-analysis'],
  cache: ['domain', 'config', 'telemetry'],
  queue: ['domain', 'config', 'telemetry'],
  llm: ['domain', 'log-analysis', 'cache', 'config', 'telemetry'],
  github: ['domain', 'log-analysis', 'cache', 'config', 'telemetry', 'net'],
  knowledge: ['domain', 'cache', 'config', 'telemetry', 'net'],
  persistence: ['domain', 'cache', 'config', 'telemetry'],
  // The composition root: the one lib that knows every adapter.
  composition: [
    'domain',
    'log-analysis',
    'pipeline',
    'config',
    'telemetry',
    'net',
    'cache',
    'queue',
    'llm',
    'github',
    'knowledge',
    'persistence',
  ],
};

const layerRules = Object.entries(MAY_IMPORT).map(([name, allowed]) => ({
  name: `${name}-imports`,
  comment: `libs/${name} may import ${allowed.length ? allowed.join(', ') : 'no other lib'}: dependencies point inwards, and what a use case needs it takes as a domain port.`,
  severity: 'error',
  from: { path: lib(name), pathNot: '\\.spec\\.ts$' },
  to: { path: '^(libs|apps|test)/', pathNot: `^libs/(${[name, ...allowed].join('|')})/` },
}));

export default {
  forbidden: [
    ...layerRules,
    {
      name: 'domain-is-pure',
      comment: 'The domain imports nothing, not even npm or Node: its rules can be read and tested alone.',
      severity: 'error',
      from: { path: lib('domain'), pathNot: '\\.spec\\.ts$' },
      to: {
        dependencyTypesNot: [
          'local',
          'aliased',
          'aliased-tsconfig',
          'aliased-tsconfig-paths',
          'type-only',
          'export',
        ],
        path: `${OTHER_NPM}|^node:|^[a-z]`,
        pathNot: lib('domain'),
      },
    },
    {
      name: 'pipeline-is-framework-free',
      comment: 'Use cases are plain classes over ports: no framework, no SDK.',
      severity: 'error',
      from: { path: `${lib('pipeline')}|${lib('log-analysis')}`, pathNot: '\\.spec\\.ts$' },
      to: { path: `${OTHER_NPM}(@nestjs|typeorm|bullmq|ioredis|openai|@octokit|pg)/` },
    },
    {
      name: 'libs-by-their-index',
      comment: 'A lib is imported by its index.ts only, so that what is public is read in one place.',
      severity: 'error',
      from: { path: '^(apps|libs/([^/]+))/' },
      to: { path: '^libs/([^/]+)/', pathNot: ['^libs/[^/]+/src/index\\.ts$', '^libs/$2/'] },
    },
    {
      name: 'apps-stay-apart',
      comment:
        'Apps never import each other; only apps/standalone is both processes in one, through their index.ts.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/', pathNot: '^apps/standalone/' },
      to: { path: '^apps/([^/]+)/', pathNot: '^apps/$1/' },
    },
    {
      name: 'standalone-by-index',
      comment: 'apps/standalone is api and worker in one process: it takes what their index.ts offers.',
      severity: 'error',
      from: { path: '^apps/standalone/' },
      to: { path: '^apps/', pathNot: ['^apps/standalone/', '^apps/(api|worker)/src/index\\.ts$'] },
    },
    {
      name: 'only-apps-compose',
      comment: 'libs/composition stands above every other lib.',
      severity: 'error',
      from: { path: '^libs/(?!composition/)' },
      to: { path: '^libs/composition/' },
    },
    {
      name: 'no-cycles',
      comment: 'A cycle means two concepts are one, or one is in the wrong place.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'product-never-imports-tests',
      comment: 'Fakes and fixtures stay out of what is shipped.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^test/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.mjs', '.json'] },
  },
};
