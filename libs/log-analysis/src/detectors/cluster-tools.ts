import type { Detector } from './detector.js';

/** Kubernetes from the outside: kind, minikube, Helm charts, chart-testing; Terraform providers. */
export const clusterTools: Detector = {
  family: 'cluster-tools',
  rules: [
    {
      id: 'kubernetes.refused',
      near: ['the connection to the server'],
      pattern: /(?<message>The connection to the server \S{1,200} was refused.*)/,
      weight: 90,
      category: 'runtime_deploy',
      subcategory: 'kubernetes_api',
    },
    {
      id: 'kind.create',
      near: ['failed to create cluster', 'exiting due to '],
      pattern:
        /^(?:ERROR: |\S{1,3} {1,3})?(?<message>failed to create cluster: .*|Exiting due to [A-Z][A-Z_]{3,60}:.*)/,
      weight: 90,
      category: 'runtime_deploy',
      subcategory: 'cluster_start',
      context: { before: 4, after: 6 },
    },
    {
      id: 'helm.template',
      near: [
        'error: template: ',
        'error: execution error at',
        'error: yaml parse error on',
        'error: unable to build kubernetes objects',
        'error: parse error at',
        '[error] templates/',
        '[error] chart.yaml',
        '[error] values.yaml',
      ],
      pattern:
        /^(?:Error|\[ERROR\]):? (?<message>(?:template: |execution error at|YAML parse error on|unable to build kubernetes objects|parse error at|templates\/|Chart\.yaml|values\.yaml).*)/,
      weight: 91,
      category: 'build_config',
      subcategory: 'helm_chart',
      context: { before: 1, after: 4 },
    },
    {
      id: 'chart-testing.failed',
      near: [
        'failed linting charts',
        'failed installing charts',
        'chart version not ok',
        'failed validating ',
      ],
      pattern: /(?<message>chart version not ok.*|failed (?:linting|installing) charts: .*)/,
      weight: 86,
      category: 'quality',
      subcategory: 'chart_lint',
      context: { before: 8, after: 4 },
      instead: [{ step: /\bct install\b/, category: 'runtime_deploy' }],
    },
    {
      id: 'terraform.credentials',
      near: [
        'no valid credential sources',
        'error configuring terraform aws provider',
        'could not load credentials',
        'attempted to load application default credentials',
        'error building azurerm client',
        'unable to build authorizer',
      ],
      pattern:
        /^Error: (?<message>.{0,80}(?:[Nn]o valid credential sources|Attempted to load application default credentials|[Ee]rror (?:configuring Terraform AWS|building AzureRM)|unable to build authorizer).*)/,
      weight: 94,
      category: 'auth_permission',
      subcategory: 'cloud_credentials',
      context: { before: 0, after: 8 },
    },
    {
      id: 'terraform.provider-missing',
      near: [
        'does not have a provider named',
        'no available releases match the given constraints',
        'no version of',
        'locked provider',
      ],
      pattern:
        /^(?<message>.{0,120}(?:does not have a provider named|no available releases match the given constraints|locked provider \S{1,200} .{1,80} does not match).*)/,
      weight: 93,
      category: 'dependency',
      subcategory: 'provider_not_found',
      context: { before: 5, after: 3 },
    },
    {
      id: 'exec.format',
      tool: 'loader',
      near: ['exec format error'],
      pattern: /^(?<message>.{0,1500}?[Ee]xec format error.*)/,
      weight: 89,
      category: 'build_config',
      subcategory: 'wrong_architecture',
      suggestion:
        'Build or pull the image for the architecture of the runner, or set up QEMU (docker/setup-qemu-action) first.',
    },
  ],
};
