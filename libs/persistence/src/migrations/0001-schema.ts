import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Words of a text for the search: punctuation parts them, since branches and job names are full of it. */
const SEARCHED = `job_name || ' ' || coalesce(workflow_name, '') || ' ' || coalesce(branch, '') || ' ' || left(coalesce(root_cause, ''), 10000)`;
const PUNCTUATION = `!"#$%&''()*+,-./:;<=>?@[\\]^_\`{|}~`;
const SEARCH_EXPRESSION = `to_tsvector('simple', translate(${SEARCHED}, '${PUNCTUATION}', '${' '.repeat(32)}'))`;

/** Tables, keys and indexes. */
export class Schema1763700000001 implements MigrationInterface {
  name = 'Schema1763700000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE EXTENSION IF NOT EXISTS vector`);
    await assertVectorVersion(runner);
    for (const statement of TABLES) await runner.query(statement);
    for (const statement of FOREIGN_KEYS) await runner.query(statement);
    for (const statement of INDEXES) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `DROP TABLE failed_jobs, api_keys, usage_ledger, incident_embeddings, incident_diagnoses, archived_logs,
         diagnosis_steps, incident_events, occurrences, incidents, patterns, diagnoses, deliveries, projects CASCADE`,
    );
  }
}

/** Searches within projects rely on iterative scans, which pgvector has since 0.8. */
async function assertVectorVersion(runner: QueryRunner): Promise<void> {
  const [vector]: { extversion: string }[] = await runner.query(
    `SELECT extversion FROM pg_extension WHERE extname = 'vector'`,
  );
  const version = vector!.extversion;
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major === 0 && minor < 8)
    throw new Error(
      `the extension "vector" is ${version}, and 0.8 is needed (ALTER EXTENSION vector UPDATE)`,
    );
}

const TABLES = [
  `CREATE TABLE projects (
    id uuid CONSTRAINT projects_pkey PRIMARY KEY DEFAULT gen_random_uuid(),
    host text NOT NULL,
    owner text NOT NULL,
    name text NOT NULL,
    created_at timestamptz(3) NOT NULL
  )`,
  `CREATE TABLE deliveries (
    id text CONSTRAINT deliveries_pkey PRIMARY KEY,
    event text NOT NULL,
    action text,
    repository jsonb,
    received_at timestamptz(3) NOT NULL,
    meaning jsonb NOT NULL,
    status text NOT NULL,
    note text,
    incident_ids uuid[] NOT NULL DEFAULT '{}',
    sequence integer NOT NULL DEFAULT 0,
    outbox_at timestamptz(3) NOT NULL
  )`,
  `CREATE TABLE patterns (
    id uuid CONSTRAINT patterns_pkey PRIMARY KEY DEFAULT gen_random_uuid(),
    project_id uuid NOT NULL,
    fingerprint text NOT NULL,
    signature text NOT NULL,
    category text NOT NULL,
    occurrences integer NOT NULL,
    first_seen_at timestamptz(3) NOT NULL,
    last_seen_at timestamptz(3) NOT NULL,
    diagnosis_id uuid,
    CONSTRAINT patterns_fingerprint_key UNIQUE (project_id, fingerprint)
  )`,
  `CREATE TABLE diagnoses (
    id uuid CONSTRAINT diagnoses_pkey PRIMARY KEY,
    project_id uuid NOT NULL,
    pattern_id uuid NOT NULL,
    incident_id uuid NOT NULL,
    analyst text NOT NULL,
    source text NOT NULL,
    state text NOT NULL,
    classification jsonb NOT NULL,
    root_cause jsonb NOT NULL,
    solution jsonb NOT NULL,
    validation jsonb,
    cost_usd numeric(18, 9) NOT NULL,
    model_calls integer NOT NULL,
    created_at timestamptz(3) NOT NULL,
    invalidated_at timestamptz(3)
  )`,
  `CREATE TABLE incidents (
    id uuid CONSTRAINT incidents_pkey PRIMARY KEY DEFAULT gen_random_uuid(),
    project_id uuid NOT NULL,
    source text NOT NULL,
    run_id bigint NOT NULL,
    job_name text NOT NULL,
    workflow_id bigint,
    workflow_name text,
    head_sha text,
    branch text,
    pull_requests integer[] NOT NULL,
    url text,
    status text NOT NULL,
    status_reason text,
    latest_attempt integer NOT NULL,
    latest_job_id bigint,
    failed_step text,
    occurrences integer NOT NULL,
    category text,
    subcategory text,
    severity text,
    determinism text,
    confidence double precision,
    fingerprint text,
    pattern_id uuid,
    diagnosis_id uuid,
    root_cause text,
    opened_at timestamptz(3) NOT NULL,
    last_failed_at timestamptz(3) NOT NULL,
    updated_at timestamptz(3) NOT NULL,
    sequence integer NOT NULL,
    outbox_at timestamptz(3) NOT NULL,
    claim_token uuid,
    claim_until timestamptz(3),
    search tsvector NOT NULL GENERATED ALWAYS AS (${SEARCH_EXPRESSION}) STORED,
    CONSTRAINT incidents_identity_key UNIQUE (project_id, run_id, job_name),
    CONSTRAINT incidents_claim_check
      CHECK ((status = 'diagnosing') = (claim_token IS NOT NULL AND claim_until IS NOT NULL))
  )`,
  `CREATE TABLE occurrences (
    incident_id uuid NOT NULL,
    attempt integer NOT NULL,
    job_id bigint,
    failed_at timestamptz(3) NOT NULL,
    fingerprint text,
    pattern_id uuid,
    CONSTRAINT occurrences_pkey PRIMARY KEY (incident_id, attempt)
  )`,
  `CREATE TABLE incident_events (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT incident_events_pkey PRIMARY KEY,
    incident_id uuid NOT NULL,
    at timestamptz(3) NOT NULL,
    kind text NOT NULL,
    from_status text,
    to_status text,
    facts jsonb NOT NULL
  )`,
  `CREATE TABLE diagnosis_steps (
    incident_id uuid NOT NULL,
    step text NOT NULL,
    result jsonb NOT NULL,
    saved_at timestamptz(3) NOT NULL,
    CONSTRAINT diagnosis_steps_pkey PRIMARY KEY (incident_id, step)
  )`,
  `CREATE TABLE archived_logs (
    incident_id uuid NOT NULL,
    attempt integer NOT NULL,
    gzip bytea NOT NULL,
    lines integer NOT NULL,
    chars integer NOT NULL,
    truncated boolean NOT NULL,
    report jsonb NOT NULL,
    saved_at timestamptz(3) NOT NULL,
    CONSTRAINT archived_logs_pkey PRIMARY KEY (incident_id, attempt)
  )`,
  // Compressed already: PostgreSQL would only try in vain.
  `ALTER TABLE archived_logs ALTER COLUMN gzip SET STORAGE EXTERNAL`,
  `CREATE TABLE incident_diagnoses (
    incident_id uuid NOT NULL,
    diagnosis_id uuid NOT NULL,
    reused boolean NOT NULL,
    citations jsonb NOT NULL,
    created_at timestamptz(3) NOT NULL,
    CONSTRAINT incident_diagnoses_pkey PRIMARY KEY (incident_id, diagnosis_id)
  )`,
  `CREATE TABLE incident_embeddings (
    incident_id uuid CONSTRAINT incident_embeddings_pkey PRIMARY KEY,
    project_id uuid NOT NULL,
    model text NOT NULL,
    embedding vector(768) NOT NULL,
    indexed_at timestamptz(3) NOT NULL
  )`,
  `CREATE TABLE usage_ledger (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT usage_ledger_pkey PRIMARY KEY,
    at timestamptz(3) NOT NULL,
    operation text NOT NULL,
    provider text NOT NULL,
    model text NOT NULL,
    prompt_version text NOT NULL,
    project_id uuid,
    incident_id uuid,
    input_tokens integer NOT NULL,
    output_tokens integer NOT NULL,
    cost_usd numeric(18, 9) NOT NULL,
    latency_ms double precision NOT NULL,
    outcome text NOT NULL,
    attempt integer NOT NULL,
    error text
  )`,
  `CREATE TABLE api_keys (
    id uuid CONSTRAINT api_keys_pkey PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL,
    role text NOT NULL,
    project_ids uuid[],
    hash text NOT NULL CONSTRAINT api_keys_hash_key UNIQUE,
    created_at timestamptz(3) NOT NULL,
    last_used_at timestamptz(3),
    revoked_at timestamptz(3)
  )`,
  `CREATE TABLE failed_jobs (
    job_id text CONSTRAINT failed_jobs_pkey PRIMARY KEY,
    name text NOT NULL,
    subject text NOT NULL,
    error text NOT NULL,
    attempts integer NOT NULL,
    failed_at timestamptz(3) NOT NULL
  )`,
];

const foreignKey = (table: string, subject: string, target: string, onDelete = ''): string =>
  `ALTER TABLE ${table} ADD CONSTRAINT ${table}_${subject}_fkey
     FOREIGN KEY (${subject}_id) REFERENCES ${target} (id) ${onDelete}`;

const FOREIGN_KEYS = [
  foreignKey('patterns', 'project', 'projects', 'ON DELETE CASCADE'),
  foreignKey('patterns', 'diagnosis', 'diagnoses'),
  foreignKey('diagnoses', 'project', 'projects', 'ON DELETE CASCADE'),
  foreignKey('diagnoses', 'pattern', 'patterns', 'ON DELETE CASCADE'),
  foreignKey('diagnoses', 'incident', 'incidents', 'ON DELETE CASCADE'),
  foreignKey('incidents', 'project', 'projects', 'ON DELETE CASCADE'),
  foreignKey('incidents', 'pattern', 'patterns'),
  foreignKey('incidents', 'diagnosis', 'diagnoses'),
  foreignKey('occurrences', 'incident', 'incidents', 'ON DELETE CASCADE'),
  foreignKey('occurrences', 'pattern', 'patterns'),
  foreignKey('incident_events', 'incident', 'incidents', 'ON DELETE CASCADE'),
  foreignKey('diagnosis_steps', 'incident', 'incidents', 'ON DELETE CASCADE'),
  foreignKey('archived_logs', 'incident', 'incidents', 'ON DELETE CASCADE'),
  foreignKey('incident_diagnoses', 'incident', 'incidents', 'ON DELETE CASCADE'),
  foreignKey('incident_diagnoses', 'diagnosis', 'diagnoses', 'ON DELETE CASCADE'),
  foreignKey('incident_embeddings', 'incident', 'incidents', 'ON DELETE CASCADE'),
];

const INDEXES = [
  `CREATE UNIQUE INDEX projects_repository_key ON projects (lower(host), lower(owner), lower(name))`,
  `CREATE INDEX deliveries_received_idx ON deliveries (received_at, id)`,
  `CREATE INDEX deliveries_outbox_idx ON deliveries (outbox_at) WHERE status = 'pending'`,
  `CREATE INDEX patterns_last_seen_idx ON patterns (project_id, last_seen_at)`,
  `CREATE INDEX patterns_diagnosis_idx ON patterns (diagnosis_id)`,
  `CREATE INDEX diagnoses_pattern_idx ON diagnoses (pattern_id)`,
  `CREATE INDEX diagnoses_incident_idx ON diagnoses (incident_id)`,
  // A list is newest first: these are read backwards.
  `CREATE INDEX incidents_opened_idx ON incidents (opened_at, id)`,
  `CREATE INDEX incidents_project_opened_idx ON incidents (project_id, opened_at, id)`,
  `CREATE INDEX incidents_status_opened_idx ON incidents (status, opened_at, id)`,
  `CREATE INDEX incidents_category_opened_idx ON incidents (category, opened_at, id)`,
  `CREATE INDEX incidents_branch_opened_idx ON incidents (branch, opened_at, id)`,
  `CREATE INDEX incidents_fingerprint_opened_idx ON incidents (fingerprint, opened_at, id)`,
  `CREATE INDEX incidents_pattern_idx ON incidents (pattern_id)`,
  `CREATE INDEX incidents_diagnosis_idx ON incidents (diagnosis_id)`,
  `CREATE INDEX incidents_search_idx ON incidents USING gin (search)`,
  `CREATE INDEX incidents_outbox_idx ON incidents (outbox_at) WHERE status IN ('received', 'diagnosing')`,
  `CREATE INDEX occurrences_pattern_idx ON occurrences (pattern_id)`,
  `CREATE INDEX incident_events_incident_idx ON incident_events (incident_id, id)`,
  `CREATE INDEX incident_diagnoses_diagnosis_idx ON incident_diagnoses (diagnosis_id)`,
  `CREATE INDEX incident_embeddings_project_idx ON incident_embeddings (project_id)`,
  `CREATE INDEX incident_embeddings_vector_idx ON incident_embeddings USING hnsw (embedding vector_cosine_ops)`,
  `CREATE INDEX usage_ledger_at_idx ON usage_ledger (at)`,
  `CREATE INDEX usage_ledger_project_at_idx ON usage_ledger (project_id, at)`,
  `CREATE INDEX usage_ledger_incident_idx ON usage_ledger (incident_id)`,
  `CREATE INDEX failed_jobs_failed_idx ON failed_jobs (failed_at)`,
];
