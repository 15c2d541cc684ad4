import type {
  Cache,
  Channel,
  ChannelMessage,
  ChannelRepository,
  NewChannel,
  Redactor,
  SaidTurn,
} from '@app/domain';
import type { AnswerQuestion } from './answer-question.js';

/** Messages before a question that its answer is given to know. */
const HISTORY = 12;
const ASSISTANT = 'assistant';

/** Conversations with the assistant as a member. What is said is redacted before it is stored. */
export class Converse {
  constructor(
    private readonly channels: ChannelRepository,
    private readonly answer: AnswerQuestion,
    private readonly redactor: Redactor,
    private readonly cache: Cache,
  ) {}

  /** @throws ProjectNotFound, IncidentNotFound */
  async open(channel: NewChannel): Promise<Channel> {
    const opened = await this.channels.create({ ...channel, title: this.redactor.redact(channel.title) });
    await this.forgetLists();
    return opened;
  }

  /**
   * Stores what a person says, asks the assistant, and stores its answer. What was said stays said when the answer
   * fails.
   * @throws ChannelNotFound
   */
  async say(
    channel: Channel,
    author: string,
    words: string,
  ): Promise<{ readonly message: ChannelMessage; readonly reply: ChannelMessage }> {
    const text = this.redactor.redact(words);
    const before = await this.channels.messages(channel.id, HISTORY, null);
    const message = await this.channels.say(channel.id, { role: 'person', author, text, answer: null });
    await this.forget(channel.id);
    const scope = channel.projectId === null ? null : [channel.projectId];
    const { text: answered, ...answer } = await this.answer.run({
      text,
      projectIds: scope,
      visibleProjectIds: scope,
      incidentId: channel.incidentId,
      sessionId: channel.id,
      history: turnsOf(channel, before.items),
    });
    const reply = await this.channels.say(channel.id, {
      role: 'assistant',
      author: ASSISTANT,
      text: answered,
      answer: { ...answer, questionId: message.id },
    });
    await this.forget(channel.id);
    return { message, reply };
  }

  /** Removes what was said; answers how many messages that were. */
  async clear(channelId: string): Promise<number> {
    const removed = await this.channels.clear(channelId);
    await this.forget(channelId);
    return removed;
  }

  async close(channelId: string): Promise<void> {
    await this.channels.delete(channelId);
    await this.forget(channelId);
    await this.forgetLists();
  }

  private async forget(channelId: string): Promise<void> {
    await Promise.all([
      this.cache.delete({ operation: 'channels', id: channelId }),
      this.cache.delete({ operation: 'messages.count', id: channelId }),
      this.forgetLists(),
    ]);
  }

  private forgetLists(): Promise<number> {
    return this.cache.deleteByPattern('channels', 'list*');
  }
}

/** @param messages the newest first */
function turnsOf({ projectId }: Channel, messages: readonly ChannelMessage[]): readonly SaidTurn[] {
  const recorded = new Map<number, readonly string[]>();
  for (const { id, answer } of messages) {
    if (answer?.projectIds === undefined) continue;
    recorded.set(id, answer.projectIds);
    // Asked about what the answer speaks of.
    if (answer.questionId !== undefined) recorded.set(answer.questionId, answer.projectIds);
  }
  // In a project's channel nothing else was ever looked for.
  const otherwise = projectId === null ? null : [projectId];
  return messages
    .toReversed()
    .map(({ id, role, text }) => ({ role, text, projectIds: recorded.get(id) ?? otherwise }));
}
