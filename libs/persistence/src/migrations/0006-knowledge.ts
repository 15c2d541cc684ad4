import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Documents with their passages and jobs; conversations. */
export class Knowledge1763700000006 implements MigrationInterface {
  name = 'Knowledge1763700000006';

  async up(runner: QueryRunner): Promise<void> {
    // A database that was rebuilt for another embedder keeps that one's width.
    const [incidents]: { dimensions: number }[] = await runner.query(
      `SELECT atttypmod AS dimensions FROM pg_attribute
       WHERE attrelid = 'incident_embeddings'::regclass AND attname = 'embedding'`,
    );
    for (const statement of up(incidents!.dimensions)) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE channel_messages, channels, background_jobs, passages, documents`);
  }
}

/** Punctuation parts words: file names, error codes and options are full of it. */
const PUNCTUATION = `!"#$%&''()*+,-./:;<=>?@[\\]^_\`{|}~`;
const words = (column: string): string =>
  `to_tsvector('english', translate(${column}, '${PUNCTUATION}', '${' '.repeat(32)}'))`;

/** Vectors beyond this many dimensions are indexed at half precision. */
const MAX_FULL_PRECISION = 2_000;

function up(dimensions: number): readonly string[] {
  const indexed =
    dimensions > MAX_FULL_PRECISION
      ? `((embedding::halfvec(${dimensions}))) halfvec_cosine_ops`
      : 'embedding vector_cosine_ops';
  return [
    `CREATE TABLE documents (
       id uuid CONSTRAINT documents_pkey PRIMARY KEY DEFAULT gen_random_uuid(),
       project_id uuid CONSTRAINT documents_project_fkey REFERENCES projects ON DELETE CASCADE,
       title text NOT NULL,
       origin text NOT NULL,
       filename text,
       url text,
       content_type text NOT NULL,
       size_bytes integer NOT NULL,
       content_hash text NOT NULL,
       status text NOT NULL,
       passages integer NOT NULL,
       created_at timestamptz(3) NOT NULL,
       ready_at timestamptz(3)
     )`,
    // One content once a project, and once among those for every project.
    `CREATE UNIQUE INDEX documents_content_key ON documents
       (coalesce(project_id, '00000000-0000-0000-0000-000000000000'), content_hash)`,
    `CREATE INDEX documents_created_idx ON documents (created_at, id)`,
    `CREATE INDEX documents_project_created_idx ON documents (project_id, created_at, id)`,
    `CREATE TABLE passages (
       document_id uuid NOT NULL CONSTRAINT passages_document_fkey REFERENCES documents ON DELETE CASCADE,
       position integer NOT NULL,
       project_id uuid CONSTRAINT passages_project_fkey REFERENCES projects ON DELETE CASCADE,
       headings text[] NOT NULL,
       heading text NOT NULL,
       text text NOT NULL,
       search tsvector NOT NULL GENERATED ALWAYS AS
         (setweight(${words('heading')}, 'A') || setweight(${words('text')}, 'B')) STORED,
       model text,
       embedding vector(${dimensions}),
       CONSTRAINT passages_pkey PRIMARY KEY (document_id, position)
     )`,
    `CREATE INDEX passages_project_idx ON passages (project_id)`,
    `CREATE INDEX passages_search_idx ON passages USING gin (search)`,
    `CREATE INDEX passages_vector_idx ON passages USING hnsw (${indexed})`,
    `CREATE TABLE background_jobs (
       id uuid CONSTRAINT background_jobs_pkey PRIMARY KEY DEFAULT gen_random_uuid(),
       kind text NOT NULL,
       project_id uuid CONSTRAINT background_jobs_project_fkey REFERENCES projects ON DELETE CASCADE,
       document_id uuid NOT NULL CONSTRAINT background_jobs_document_fkey REFERENCES documents ON DELETE CASCADE,
       state text NOT NULL,
       done integer NOT NULL,
       total integer NOT NULL,
       attempts integer NOT NULL,
       error text,
       sequence integer NOT NULL,
       created_at timestamptz(3) NOT NULL,
       started_at timestamptz(3),
       finished_at timestamptz(3),
       updated_at timestamptz(3) NOT NULL
     )`,
    `CREATE INDEX background_jobs_created_idx ON background_jobs (created_at, id)`,
    `CREATE INDEX background_jobs_project_created_idx ON background_jobs (project_id, created_at, id)`,
    `CREATE INDEX background_jobs_document_idx ON background_jobs (document_id)`,
    // The outbox: jobs that have work to do.
    `CREATE INDEX background_jobs_outbox_idx ON background_jobs (updated_at) WHERE state IN ('queued', 'running')`,
    `CREATE TABLE channels (
       id uuid CONSTRAINT channels_pkey PRIMARY KEY DEFAULT gen_random_uuid(),
       project_id uuid CONSTRAINT channels_project_fkey REFERENCES projects ON DELETE CASCADE,
       incident_id uuid CONSTRAINT channels_incident_fkey REFERENCES incidents ON DELETE CASCADE,
       title text NOT NULL,
       created_by text NOT NULL,
       created_at timestamptz(3) NOT NULL,
       updated_at timestamptz(3) NOT NULL
     )`,
    `CREATE INDEX channels_created_idx ON channels (created_at, id)`,
    `CREATE INDEX channels_project_created_idx ON channels (project_id, created_at, id)`,
    `CREATE INDEX channels_incident_idx ON channels (incident_id)`,
    `CREATE TABLE channel_messages (
       id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT channel_messages_pkey PRIMARY KEY,
       channel_id uuid NOT NULL CONSTRAINT channel_messages_channel_fkey REFERENCES channels ON DELETE CASCADE,
       role text NOT NULL,
       author text NOT NULL,
       text text NOT NULL,
       answer jsonb,
       at timestamptz(3) NOT NULL
     )`,
    `CREATE INDEX channel_messages_channel_idx ON channel_messages (channel_id, id)`,
  ];
}
