import { createLanguageModel, OpenAiLanguageModel, RuleAnalyst } from '@app/llm';
import { FakeLanguageModel } from '../fakes/fake-language-model.js';
import { OpenAiServer } from '../stand-ins/openai-server.js';
import { llmConfig, NO_BUDGET } from '../support/llm-config.js';
import { llmParts } from '../support/llm-parts.js';
import { modelAnswer } from '../support/model-answers.js';
import { languageModelContract } from './language-model.contract.js';

const nothingToClose = async () => undefined;

languageModelContract('fake', async () => ({ model: new FakeLanguageModel(), close: nothingToClose }));

languageModelContract('rule analyst', async () => ({ model: new RuleAnalyst(), close: nothingToClose }));

languageModelContract('OpenAI', async () => {
  const server = await OpenAiServer.start();
  server.answer = modelAnswer;
  return {
    model: new OpenAiLanguageModel(llmConfig(server.url), llmConfig(server.url)),
    close: () => server.close(),
  };
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

languageModelContract('the stack past its budget', async () => {
  const server = await OpenAiServer.start();
  const budget = { ...NO_BUDGET, dailyUsd: 0 };
  const model = createLanguageModel({ llm: llmConfig(server.url, { budget }) }, llmParts().parts);
  return { model, close: () => server.close() };
});

languageModelContract('the stack over its second provider', async () => {
  const [first, second] = [await OpenAiServer.start(), await OpenAiServer.start()];
  first.fail({ kind: 'status', status: 401 }, 1_000);
  second.answer = modelAnswer;
  const llm = llmConfig(first.url, { second: llmConfig(second.url, { provider: 'vllm' }) });
  return {
    model: createLanguageModel({ llm }, llmParts().parts),
    close: async () => void (await Promise.all([first.close(), second.close()])),
  };
});

function stack(url: string) {
  return createLanguageModel({ llm: llmConfig(url) }, llmParts().parts);
}
