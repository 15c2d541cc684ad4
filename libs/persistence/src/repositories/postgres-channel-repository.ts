import {
  ChannelNotFound,
  IncidentNotFound,
  InvalidInput,
  ProjectNotFound,
  type Channel,
  type ChannelMessage,
  type ChannelRepository,
  type NewChannel,
  type NewMessage,
  type Page,
} from '@app/domain';
import type { Database } from '../database.js';
import { constraintOf } from '../database-errors.js';
import { storable } from '../storable.js';
import { decodeCursor, encodeCursor } from './incident-cursor.js';
import { isUuid } from './uuid.js';

const COLUMNS = `id, title, project_id AS "projectId", incident_id AS "incidentId", created_by AS "createdBy",
  created_at AS "createdAt", updated_at AS "updatedAt"`;
const MESSAGE_COLUMNS = `id::float8 AS id, channel_id AS "channelId", role, author, text, answer, at`;
const MESSAGE_ID = /^[1-9]\d{0,14}$/;

export class PostgresChannelRepository implements ChannelRepository {
  constructor(private readonly database: Database) {}

  async create(channel: NewChannel): Promise<Channel> {
    const { title, projectId, incidentId, createdBy } = storable(channel);
    if (projectId !== null && !isUuid(projectId)) throw new ProjectNotFound(projectId);
    if (incidentId !== null && !isUuid(incidentId)) throw new IncidentNotFound(incidentId);
    try {
      const [row] = await this.database.query<Channel>(
        `INSERT INTO channels (title, project_id, incident_id, created_by, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $5) RETURNING ${COLUMNS}`,
        [title, projectId, incidentId, createdBy, this.database.clock.now()],
      );
      return row!;
    } catch (error) {
      const constraint = constraintOf(error);
      if (constraint === 'channels_project_fkey') throw new ProjectNotFound(projectId!);
      if (constraint === 'channels_incident_fkey') throw new IncidentNotFound(incidentId!);
      throw error;
    }
  }

  async find(id: string): Promise<Channel | null> {
    if (!isUuid(id)) return null;
    const [row] = await this.database.query<Channel>(`SELECT ${COLUMNS} FROM channels WHERE id = $1`, [id]);
    return row ?? null;
  }

  async list(
    projectIds: readonly string[] | null,
    limit: number,
    cursor: string | null,
  ): Promise<Page<Channel>> {
    const after = cursor === null ? null : decodeCursor(cursor);
    const rows = await this.database.query<Channel>(
      `SELECT ${COLUMNS} FROM channels
       WHERE ($1::uuid[] IS NULL OR project_id = ANY ($1))
         AND ($2::timestamptz IS NULL OR (created_at, id) < ($2, $3::uuid))
       ORDER BY created_at DESC, id DESC LIMIT $4`,
      [projectIds?.filter(isUuid) ?? null, after?.openedAt ?? null, after?.id ?? null, limit + 1],
    );
    const items = rows.slice(0, limit);
    const last = items.at(-1);
    const isMore = last !== undefined && rows.length > limit;
    return { items, nextCursor: isMore ? encodeCursor({ openedAt: last.createdAt, id: last.id }) : null };
  }

  async say(channelId: string, message: NewMessage): Promise<ChannelMessage> {
    if (!isUuid(channelId)) throw new ChannelNotFound(channelId);
    const { role, author, text, answer } = storable(message);
    const [row] = await this.database.query<ChannelMessage>(
      `WITH channel AS (UPDATE channels SET updated_at = $6 WHERE id = $1 RETURNING id)
       INSERT INTO channel_messages (channel_id, role, author, text, answer, at)
       SELECT id, $2, $3, $4, $5::jsonb, $6 FROM channel RETURNING ${MESSAGE_COLUMNS}`,
      [
        channelId,
        role,
        author,
        text,
        answer === null ? null : JSON.stringify(answer),
        this.database.clock.now(),
      ],
    );
    if (!row) throw new ChannelNotFound(channelId);
    return row;
  }

  async messages(channelId: string, limit: number, cursor: string | null): Promise<Page<ChannelMessage>> {
    if (cursor !== null && !MESSAGE_ID.test(cursor))
      throw new InvalidInput('The cursor is not one that a list gave.', { cursor });
    if (!isUuid(channelId)) return { items: [], nextCursor: null };
    const rows = await this.database.query<ChannelMessage>(
      `SELECT ${MESSAGE_COLUMNS} FROM channel_messages m
       WHERE channel_id = $1 AND ($2::bigint IS NULL OR m.id < $2) ORDER BY m.id DESC LIMIT $3`,
      [channelId, cursor, limit + 1],
    );
    const items = rows.slice(0, limit);
    const last = items.at(-1);
    return { items, nextCursor: last !== undefined && rows.length > limit ? String(last.id) : null };
  }

  async countMessages(channelId: string): Promise<number> {
    if (!isUuid(channelId)) return 0;
    const [row] = await this.database.query<{ count: number }>(
      'SELECT count(*)::integer AS count FROM channel_messages WHERE channel_id = $1',
      [channelId],
    );
    return row!.count;
  }

  async clear(channelId: string): Promise<number> {
    if (!isUuid(channelId)) return 0;
    const [row] = await this.database.query<{ removed: number }>(
      `WITH gone AS (DELETE FROM channel_messages WHERE channel_id = $1 RETURNING 1)
       SELECT count(*)::integer AS removed FROM gone`,
      [channelId],
    );
    return row!.removed;
  }

  async delete(id: string): Promise<boolean> {
    if (!isUuid(id)) return false;
    const rows = await this.database.query('DELETE FROM channels WHERE id = $1 RETURNING id', [id]);
    return rows.length > 0;
  }
}
