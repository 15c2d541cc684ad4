import { createLanguageModel, OpenAiLanguageModel, RuleAnalyst } from '@app/llm';
import { FakeCache } from '../fakes/fake-cache.js';
import { FakeLanguageModel } from '../fakes/fake-language-model.js';
import { InMemoryPersistence } from '../fakes/in-memory-persistence/index.js';
import { silentLog } from '../fakes/recording-log.js';
import { OpenAiServer } from '../stand-ins/openai-server.js';
import { llmConfig } from '../support/llm-config.js';
import { modelAnswer } from '../support/model-answers.js';
import { languageModelContract } from './language-model.contract.js';

const nothingToClose = async () => undefined;

languageModelContract('fake', async () => ({ model: new FakeLanguageModel(), close: nothingToClose }));

languageModelContract('rule analyst', async () => ({ model: new RuleAnalyst(), close: nothingToClose }));

languageModelContract('OpenAI', async () => {
  const server = await OpenAiServer.start();
  server.answer = modelAnswer;
  return { model: new OpenAiLanguageModel(llmConfig(server.url)), close: () => server.close() };
});

languageModelContract('the stack over OpenAI', async () => {
  const server = await OpenAiServer.start();
  server.answer = modelAnswer;
  return { model: stack(server.url), close: () => server.close() };
});

languageModelContract('the stack over a server that is away', async () => {
  const server = await OpenAiServer.start();
  server.fail({ kind: 'status', status: 401 }, 1_000);
  return { model: stack(server.url), close: () => server.close() };
});

function stack(url: string) {
  const clock = { now: () => new Date() };
  const ledger = new InMemoryPersistence(clock).usage;
  return createLanguageModel(
    { llm: llmConfig(url) },
    { cache: new FakeCache(), ledger, clock, log: silentLog() },
  );
}
