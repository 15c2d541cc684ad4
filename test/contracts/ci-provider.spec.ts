import {
  CachedCiProvider,
  fixedCredentials,
  GithubApi,
  GithubClients,
  GithubStandIn,
  OctokitCiProvider,
} from '@app/github';
import { FakeCache } from '../fakes/fake-cache.js';
import { FakeCiProvider } from '../fakes/fake-ci-provider.js';
import { silentLog } from '../fakes/recording-log.js';
import { ciProviderContract } from './ci-provider.contract.js';

ciProviderContract('fake', async () => {
  const provider = new FakeCiProvider();
  return {
    provider,
    addRun: (run) => provider.addRun(run),
    repository: (fullName) => provider.repository(fullName),
    close: async () => undefined,
  };
});

const octokitOnStandIn = async () => {
  const github = await GithubStandIn.start();
  const options = { apiUrl: github.url, timeoutMs: 5_000, logMaxBytes: 1_000_000 };
  const cache = new FakeCache();
  const credentials = fixedCredentials({ token: 'tok' });
  const clients = new GithubClients({ options, credentials, cache, log: silentLog() });
  const provider = new OctokitCiProvider(new GithubApi(github.url, clients, cache), options);
  return {
    provider,
    addRun: (run: Parameters<GithubStandIn['addRun']>[0]) => github.addRun(run),
    repository: (fullName: string) => github.repository(fullName),
    close: () => github.close(),
  };
};

ciProviderContract('Octokit', octokitOnStandIn);

ciProviderContract('cached Octokit', async () => {
  const sut = await octokitOnStandIn();
  return { ...sut, provider: new CachedCiProvider(sut.provider, new FakeCache(), silentLog()) };
});
