export { GithubModule } from './github.module.js';
export { createCiProvider } from './create-ci-provider.js';
export { CachedCiProvider } from './cached-ci-provider.js';
export { OctokitCiProvider, type OctokitCiProviderOptions } from './octokit-ci-provider.js';
export { verifySignature } from './webhooks/verify-signature.js';
export { readDelivery, type ReceivedWebhook } from './webhooks/read-delivery.js';
export { GithubStandIn, type StandInRoute, type StandInRequest } from './stand-in/github-stand-in.js';
export type { InjectedFailure } from './stand-in/injected-failure.js';
export { SEED_DEFAULTS, seedSteps, type JobSeed, type RunSeed } from './stand-in/run-seed.js';
export {
  jobPayload,
  runPayload,
  workflowJobEvent,
  workflowRunEvent,
  GITHUB_LINKS,
  type PayloadLinks,
} from './stand-in/run-payloads.js';
export { signedDelivery, type SignedDelivery } from './stand-in/signed-delivery.js';
