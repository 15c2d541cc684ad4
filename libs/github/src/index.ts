export { GithubModule } from './github.module.js';
export { createCiProvider } from './create-ci-provider.js';
export { CachedCiProvider } from './cached-ci-provider.js';
export { CachedJobBaselines } from './cached-job-baselines.js';
export { OctokitCiProvider } from './octokit-ci-provider.js';
export { OctokitCiActions, type GithubCalls } from './actions/octokit-ci-actions.js';
export { GithubApi } from './client/github-api.js';
export { GithubClients, type GithubClientsTools, type RepositoryClient } from './client/github-clients.js';
export type { GithubClient, GithubClientOptions } from './client/github-client.js';
export { fixedCredentials, type AppCredentials, type GithubCredentials } from './client/credentials.js';
export { githubFailure } from './client/github-failure.js';
export { rateLimitKey, type RateLimitStatus } from './client/rate-limit-gate.js';
export { APP_SETUP_PATH, appHostOf, servedHostOf, webAddressOf, WEBHOOK_PATH } from './app/addresses.js';
export { AppInForce } from './app/app-in-force.js';
export { AppSetupLinks, type AppSetupLink } from './app/app-setup-links.js';
export { SetUpGithubApp, type CreatedApp, type OpenedSetup } from './app/set-up-github-app.js';
export {
  NEEDED_EVENTS,
  NEEDED_PERMISSIONS,
  permissionsFor,
  type AccessUse,
  type NeededPermission,
} from './app/needed-access.js';
export { inspectApp, type InspectedApp } from './app/inspect-app.js';
export { inspectToken, type InspectedToken } from './app/inspect-token.js';
export { compareAccess, type AccessComparison } from './app/compare-access.js';
export { isSignature, verifySignature } from './webhooks/verify-signature.js';
export { readDelivery, type ReceivedWebhook } from './webhooks/read-delivery.js';
export { FORM_CONTENT_TYPE, readPayload } from './webhooks/read-payload.js';
export { AppDeliveries } from './webhooks/app-deliveries.js';
export { namedRepository } from './webhooks/read-repository.js';
export { GithubStandIn, type StandInRequest } from './stand-in/github-stand-in.js';
export type { StandInRoute } from './stand-in/routes/index.js';
export type { InjectedFailure } from './stand-in/injected-failure.js';
export { zipped } from './stand-in/zipped.js';
export type { AppSeed, InstallationSeed } from './stand-in/state/app-state.js';
export {
  blobSha,
  changesBetween,
  commitOf,
  type CommitSeed,
  type CommitState,
} from './stand-in/state/commit-state.js';
export { RepositoryState, type PullRequestSeed } from './stand-in/state/repository-state.js';
export {
  SEED_DEFAULTS,
  seedSteps,
  type AnnotationSeed,
  type JobSeed,
  type RunSeed,
  type StepSeed,
} from './stand-in/state/run-seed.js';
export {
  jobPayload,
  runPayload,
  workflowJobEvent,
  workflowRunEvent,
  GITHUB_LINKS,
  type PayloadLinks,
} from './stand-in/run-payloads.js';
export { signedDelivery, type SignedDelivery } from './stand-in/signed-delivery.js';
export type { StandInEffect } from './stand-in/state/write-state.js';
