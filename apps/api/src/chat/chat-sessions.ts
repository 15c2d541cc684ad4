import { Cache, type ApiKey, type CacheKey, type ChatTurn, type SaidTurn } from '@app/domain';
import { Injectable } from '@nestjs/common';

const KEPT_MS = 60 * 60_000;
const KEPT_TURNS = 12;

/** What was said in the sessions of `POST /chat`: for an hour, and to the API key alone that said it. */
@Injectable()
export class ChatSessions {
  constructor(private readonly cache: Cache) {}

  /** The oldest first. */
  async history(caller: ApiKey, sessionId: string | null): Promise<readonly SaidTurn[]> {
    if (sessionId === null) return [];
    const turns = await this.cache.get<readonly (ChatTurn & Partial<SaidTurn>)[]>(keyOf(caller, sessionId));
    // Earlier versions did not record whose a turn is.
    return (turns ?? []).map((turn) => ({ ...turn, projectIds: turn.projectIds ?? null }));
  }

  async remember(caller: ApiKey, sessionId: string | null, turns: readonly SaidTurn[]): Promise<void> {
    if (sessionId === null) return;
    await this.cache.set(keyOf(caller, sessionId), turns.slice(-KEPT_TURNS), { ttlMs: KEPT_MS });
  }
}

function keyOf(caller: ApiKey, sessionId: string): CacheKey {
  return { operation: 'session', scope: sessionId, id: `chat:${caller.id}` };
}
