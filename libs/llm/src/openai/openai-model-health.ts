import { APIError } from 'openai';
import type { LlmProviderConfig } from '@app/config';
import { ModelHealth } from '@app/domain';
import { llmFailure } from './llm-failure.js';
import { openAiClient } from './structured-chat.js';

const LIMIT_MS = 3_000;

/** Asks for the list of models, which costs nothing; a server that has no such list and says so is there too. */
export class OpenAiModelHealth implements ModelHealth {
  constructor(private readonly config: LlmProviderConfig) {}

  async check(signal?: AbortSignal): Promise<{ ok: boolean; latencyMs: number; detail?: string }> {
    const startedAt = performance.now();
    const latencyMs = () => Math.round(performance.now() - startedAt);
    try {
      await openAiClient(this.config).models.list({ timeout: LIMIT_MS, signal });
      return { ok: true, latencyMs: latencyMs() };
    } catch (error) {
      if (error instanceof APIError && (error.status === 404 || error.status === 405)) {
        return { ok: true, latencyMs: latencyMs() };
      }
      const { code, message } = llmFailure(error, this.config.models.classify);
      return { ok: false, latencyMs: latencyMs(), detail: `${code}: ${message}` };
    }
  }
}

/** Without a model: the rules are always there. */
export class RulesHealth implements ModelHealth {
  async check(): Promise<{ ok: boolean; latencyMs: number }> {
    return { ok: true, latencyMs: 0 };
  }
}
