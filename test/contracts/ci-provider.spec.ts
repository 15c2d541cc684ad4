import { CachedCiProvider, GithubStandIn, OctokitCiProvider } from '@app/github';
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
  const options = { apiUrl: github.url, token: 'tok', timeoutMs: 5_000, logMaxBytes: 1_000_000 };
  const provider = new OctokitCiProvider(options, silentLog(), new FakeCache());
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
