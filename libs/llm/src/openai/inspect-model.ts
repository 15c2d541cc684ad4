import type { LlmProviderConfig } from '@app/config';
import type { ExternalFailure } from '@app/domain';
import { z } from 'zod';
import { llmFailure } from './llm-failure.js';
import type { Format } from './server-limits.js';
import { openAiClient, StructuredChat } from './structured-chat.js';

const LIMIT_MS = 10_000;

/** What is wrong with the way to a model, in a word for programs and in words for people. */
export interface ModelTrouble {
  readonly problem: string;
  readonly detail: string;
  readonly mend: string;
}

const readySchema = z.object({ ready: z.boolean() });

/** What keeps a connection from being made, by the codes of Node and OpenSSL. */
const CONNECTION_TROUBLES: readonly (readonly [RegExp, string, string])[] = [
  [
    /ENOTFOUND|EAI_AGAIN/,
    'llm_dns',
    'The host name in LLM_BASE_URL is not known here: correct it, or mend the name service.',
  ],
  [/ECONNREFUSED/, 'llm_refused', 'Nothing listens there: start the server, or correct LLM_BASE_URL.'],
  [
    /CERT|SSL|TLS|EPROTO/,
    'llm_tls',
    'The connection can not be made safe: correct http or https in LLM_BASE_URL, or give Node the certificate authority (NODE_EXTRA_CA_CERTS).',
  ],
  [/EHOSTUNREACH|ENETUNREACH/, 'llm_unreachable', 'No way leads there: check the network and firewalls.'],
];

const MENDS: Readonly<Record<string, string>> = {
  llm_timeout: 'The server takes too long: check that it is well, or raise LLM_TIMEOUT_MS.',
  llm_unauthorized: 'Correct LLM_API_KEY.',
  llm_forbidden: 'Let the key use this model, or choose another in LLM_MODEL.',
  llm_not_found: 'Correct LLM_MODEL, or the path in LLM_BASE_URL (it commonly ends in /v1).',
  llm_rate_limited: 'Wait, or lower LLM_REQUESTS_PER_MINUTE.',
  llm_quota_exhausted: "The provider's account is empty: fill it.",
  llm_unusable_answer: 'The model does not keep to a JSON shape: choose a more able one in LLM_MODEL.',
};

/** Whether the server is there and takes the key, asked at no cost; null: nothing is wrong. */
export async function inspectConnection(
  provider: LlmProviderConfig,
): Promise<{ readonly trouble: ModelTrouble | null; readonly models: readonly string[] }> {
  try {
    const page = await openAiClient(provider).models.list({ timeout: LIMIT_MS });
    return { trouble: null, models: page.data.map(({ id }) => id) };
  } catch (error) {
    const failure = llmFailure(error, provider.models.classify);
    // Servers without a list of models say 404.
    const isThere = failure.code === 'llm_not_found' || failure.code === 'llm_rejected';
    return { trouble: isThere ? null : troubleOf(failure), models: [] };
  }
}

/** Whether the model answers in a JSON shape, by one short call that costs a few tokens. */
export async function inspectAnswer(
  provider: LlmProviderConfig,
  model: string,
): Promise<{ readonly trouble: ModelTrouble | null; readonly format: Format | null }> {
  const chat = new StructuredChat({ ...provider, timeoutMs: Math.max(LIMIT_MS, provider.timeoutMs) });
  try {
    await chat.ask({
      model,
      name: 'readiness',
      schema: readySchema,
      system: 'You say whether you are ready: ready is true.',
      user: 'Are you ready?',
      explainSchema: true,
    });
    return { trouble: null, format: chat.formatOf(model) };
  } catch (error) {
    return { trouble: troubleOf(error as ExternalFailure), format: null };
  }
}

/** What a call of a model failed by, for people who can mend it. */
export function troubleOf(failure: ExternalFailure): ModelTrouble {
  const said = `${failure.message} ${codesOf(failure.cause)}`;
  for (const [pattern, problem, mend] of CONNECTION_TROUBLES) {
    if (failure.code === 'llm_unavailable' && pattern.test(said)) {
      return { problem, detail: failure.message, mend };
    }
  }
  const mend = MENDS[failure.code] ?? 'Try again later; if it stays so, ask who runs the server.';
  return { problem: failure.code, detail: failure.message, mend };
}

function codesOf(error: unknown): string {
  const codes: string[] = [];
  for (let at = error; at instanceof Error; at = at.cause) {
    codes.push(String((at as NodeJS.ErrnoException).code ?? ''), at.message);
  }
  return codes.join(' ');
}
