import type {
  Cache,
  Channel,
  ChannelMessage,
  ChannelRepository,
  ChatTurn,
  NewChannel,
  Redactor,
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
    const { text: answered, ...answer } = await this.answer.run({
      text,
      projectIds: channel.projectId === null ? null : [channel.projectId],
      incidentId: channel.incidentId,
      sessionId: channel.id,
      history: before.items.toReversed().map(toTurn),
    });
    const reply = await this.channels.say(channel.id, {
      role: 'assistant',
      author: ASSISTANT,
      text: answered,
      answer,
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

function toTurn({ role, text }: ChannelMessage): ChatTurn {
  return { role, text };
}
