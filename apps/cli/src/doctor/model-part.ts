import type { Config, LlmProviderConfig } from '@app/config';
import { inspectAnswer, inspectConnection, type ModelTrouble } from '@app/llm';
import { failed, ok, skipped, warning, type Check, type Finding } from './check.js';

/** The language models: whether their servers answer, take the key, know the models, and keep to a JSON shape. */
export function modelPart({ llm }: Config): Check[] {
  if (llm === null) {
    return [{ name: 'model', run: async () => skipped('none is configured: the rules answer') }];
  }
  return [llm, ...(llm.second === null ? [] : [llm.second])].flatMap((provider, index) =>
    checksOf(provider, index === 0 ? 'model' : 'second model'),
  );
}

function checksOf(provider: LlmProviderConfig, name: string): Check[] {
  let isThere = false;
  let listed: readonly string[] = [];
  const models = [...new Set(Object.values(provider.models))];
  return [
    {
      name: `${name}: reachable`,
      run: async () => {
        const { trouble, models: found } = await inspectConnection(provider);
        isThere = trouble === null;
        listed = found;
        return trouble === null ? ok(`${provider.provider} at ${hostOf(provider)}`) : finding(trouble);
      },
    },
    ...models.map((model) => ({
      name: `${name}: ${model}`,
      run: async () => (isThere ? answers(provider, model, listed) : skipped('its server does not answer')),
    })),
  ];
}

async function answers(
  provider: LlmProviderConfig,
  model: string,
  listed: readonly string[],
): Promise<Finding> {
  const { trouble, format } = await inspectAnswer(provider, model);
  const isUnknown = listed.length > 0 && !listed.some((id) => id === model || id.endsWith(`/${model}`));
  if (trouble !== null) {
    const known = isUnknown ? ` The server lists ${listed.slice(0, 8).join(', ')}.` : '';
    return finding({ ...trouble, detail: trouble.detail + known });
  }
  if (format === 'json_schema') return ok('answers, held to a JSON schema');
  if (format === 'json_object') return ok('answers in JSON mode; the schema stands in the prompt');
  return warning(
    'llm_no_json_mode',
    'answers, but its server has neither structured outputs nor JSON mode',
    'It works as it is, with more answers that have to be asked for twice; a server with structured outputs has none.',
  );
}

function finding({ problem, detail, mend }: ModelTrouble): Finding {
  return failed(problem, detail, mend);
}

/** Without a path, in which some gateways want a key. */
function hostOf({ baseUrl }: LlmProviderConfig): string {
  return new URL(baseUrl).host;
}
