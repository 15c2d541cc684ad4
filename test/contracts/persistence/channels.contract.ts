import { beforeEach, describe, expect, it } from 'vitest';
import { InvalidInput, type ChannelMessage } from '@app/domain';
import { NOBODY, openOne, type OpenEmpty, type PersistenceUnderTest } from './fixtures.js';

const answer: ChannelMessage['answer'] = {
  sources: [
    {
      id: 'S1',
      kind: 'passage',
      title: 'Runners › Disk full',
      incidentId: null,
      documentId: NOBODY,
      url: null,
      excerpt: 'Prune the images.',
      quotes: ['Prune'],
    },
  ],
  grounded: true,
  answeredBy: 'rules',
  model: null,
  cached: false,
  wordsAlone: false,
};

/** Conversations and what is said in them. */
export function channelsContract(name: string, openEmpty: OpenEmpty): void {
  describe(`channels: ${name}`, () => {
    let store: PersistenceUnderTest;
    let projectId: string;
    let incidentId: string;
    beforeEach(async () => {
      store = await openEmpty();
      ({ projectId, incidentId } = await openOne(store));
    });

    const make = (changes: object = {}) =>
      store.channels.create({
        title: 'Why?',
        projectId: null,
        incidentId: null,
        createdBy: 'ci',
        ...changes,
      });
    const ask = (channelId: string, text: string) =>
      store.channels.say(channelId, { role: 'person', author: 'ci', text, answer: null });

    it('keep what was said, newest first, page by page', async () => {
      const channel = await make({ projectId, incidentId });
      expect(channel).toEqual({
        id: expect.any(String) as string,
        title: 'Why?',
        projectId,
        incidentId,
        createdBy: 'ci',
        createdAt: store.clock.now(),
        updatedAt: store.clock.now(),
      });
      const at = store.clock.advance(1_000);
      const question = await ask(channel.id, 'What now? \0');
      expect(question).toMatchObject({ id: expect.any(Number) as number, role: 'person', answer: null, at });
      const reply = await store.channels.say(channel.id, {
        role: 'assistant',
        author: 'assistant',
        text: 'Prune [S1].',
        answer,
      });
      expect(reply.answer).toEqual(answer);
      expect(await store.channels.find(channel.id)).toEqual({ ...channel, updatedAt: at });
      expect(await store.channels.countMessages(channel.id)).toBe(2);
      const first = await store.channels.messages(channel.id, 1, null);
      const second = await store.channels.messages(channel.id, 1, first.nextCursor);
      expect([...first.items, ...second.items]).toEqual([reply, question]);
      expect(second.nextCursor).toBeNull();
      await expect(store.channels.messages(channel.id, 1, 'nonsense')).rejects.toBeInstanceOf(InvalidInput);
    });

    it('are cleared, and removed with what was said', async () => {
      const channel = await make();
      await ask(channel.id, 'one');
      await ask(channel.id, 'two');
      expect(await store.channels.clear(channel.id)).toBe(2);
      expect(await store.channels.clear(channel.id)).toBe(0);
      await ask(channel.id, 'three');
      expect(await store.channels.delete(channel.id)).toBe(true);
      expect(await store.channels.delete(channel.id)).toBe(false);
      expect(await store.channels.find(channel.id)).toBeNull();
      expect(await store.channels.countMessages(channel.id)).toBe(0);
      await expect(ask(channel.id, 'four')).rejects.toMatchObject({ code: 'channel_not_found' });
    });

    it('are listed newest first to whom may see them', async () => {
      const ofAll = await make();
      store.clock.advance(1_000);
      const own = await make({ projectId });
      const listed = async (scope: readonly string[] | null) =>
        (await store.channels.list(scope, 10, null)).items.map(({ id }) => id);
      expect(await listed(null)).toEqual([own.id, ofAll.id]);
      expect(await listed([projectId, 'nonsense'])).toEqual([own.id]);
      expect(await listed([])).toEqual([]);
      const first = await store.channels.list(null, 1, null);
      expect((await store.channels.list(null, 1, first.nextCursor)).items).toEqual([ofAll]);
      await expect(store.channels.list(null, 1, 'nonsense')).rejects.toBeInstanceOf(InvalidInput);
    });

    it('need a project and an incident that are there, if they name them', async () => {
      for (const nobody of [NOBODY, 'nonsense']) {
        await expect(make({ projectId: nobody })).rejects.toMatchObject({ code: 'project_not_found' });
        await expect(make({ incidentId: nobody })).rejects.toMatchObject({ code: 'incident_not_found' });
        await expect(ask(nobody, 'x')).rejects.toMatchObject({ code: 'channel_not_found' });
        expect(await store.channels.find(nobody)).toBeNull();
        expect((await store.channels.messages(nobody, 5, null)).items).toEqual([]);
      }
    });
  });
}
