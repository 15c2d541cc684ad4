import { APIConnectionError, APIUserAbortError, type OpenAI } from 'openai';

/**
 * Whether anybody answers at the server, asked with the list of its models: it costs nothing, and every
 * OpenAI-compatible server answers it also while it is busy with a completion. Any HTTP answer counts, an error too.
 */
export async function serverAlive(client: OpenAI, timeoutMs: number, signal?: AbortSignal): Promise<boolean> {
  try {
    await client.models.list({ timeout: timeoutMs, signal, maxRetries: 0 });
    return true;
  } catch (error) {
    return !(error instanceof APIConnectionError || error instanceof APIUserAbortError);
  }
}
