import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Any constant that nothing else on the server uses: “fold” as a number. */
export const FOLDING_LOCK = 0x66_6f_6c_64;
/** Changes between two foldings, about: so many rows more are added up by whoever counts. */
const FOLD_EVERY = 512;

/**
 * How many incidents there are of each kind, kept by triggers. A change adds a row (+1, −1) and never touches another
 * one, so that no transaction waits for a second; what is counted is the sum of all rows of a kind. Now and then one
 * of them folds the rows that were added since into one a kind.
 */
export class IncidentCounts1763700000012 implements MigrationInterface {
  name = 'IncidentCounts1763700000012';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const KIND = ['project_id', 'status', 'category', 'severity', 'determinism'];
const BRANCH = ['project_id', 'branch'];

const list = (columns: readonly string[], row = ''): string =>
  columns.map((column) => (row === '' ? column : `${row}.${column}`)).join(', ');
/** NULL equals NULL, and yet the first half can be looked up. */
const same = (columns: readonly string[]): string =>
  columns
    .map((column) =>
      column === 'project_id' || column === 'status'
        ? `c.${column} = changed.${column}`
        : `coalesce(c.${column}, '') = coalesce(changed.${column}, '') AND c.${column} IS NOT DISTINCT FROM changed.${column}`,
    )
    .join(' AND ');

const table = (name: string, columns: string): string =>
  `CREATE TABLE ${name} (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT ${name}_pkey PRIMARY KEY,
    project_id uuid NOT NULL,
    ${columns},
    count integer NOT NULL,
    folded boolean NOT NULL DEFAULT false
  )`;

const fold = (name: string, columns: readonly string[]): string =>
  `WITH changed AS (
     SELECT DISTINCT ${list(columns)} FROM ${name} WHERE NOT folded
   ), taken AS (
     DELETE FROM ${name} c USING changed WHERE ${same(columns)} RETURNING ${list(columns, 'c')}, c.count
   )
   INSERT INTO ${name} (${list(columns)}, count, folded)
   SELECT ${list(columns)}, sum(count), true FROM taken GROUP BY ${list(columns)} HAVING sum(count) <> 0`;

const fill = (name: string, columns: readonly string[]): string =>
  `INSERT INTO ${name} (${list(columns)}, count, folded)
   SELECT ${list(columns)}, count(*), true FROM incidents GROUP BY ${list(columns)}`;

const added = (name: string, columns: readonly string[]): string =>
  `INSERT INTO ${name} (${list(columns)}, count)
   SELECT ${list(columns)}, count(*) * step FROM changed GROUP BY ${list(columns)}`;

const isOther = (column: string): string => `OLD.${column} IS DISTINCT FROM NEW.${column}`;

const UP = [
  table('incident_counts', 'status text NOT NULL, category text, severity text, determinism text'),
  table('branch_counts', 'branch text'),
  `CREATE INDEX incident_counts_project_idx ON incident_counts (project_id)`,
  `CREATE INDEX incident_counts_added_idx ON incident_counts (id) WHERE NOT folded`,
  `CREATE INDEX branch_counts_project_idx ON branch_counts (project_id, branch)`,
  `CREATE INDEX branch_counts_added_idx ON branch_counts (id) WHERE NOT folded`,

  // Whoever comes while another one folds leaves it to the next. All statements see what was committed before them.
  `CREATE FUNCTION fold_incident_counts() RETURNS void LANGUAGE plpgsql AS $$
   BEGIN
     IF NOT pg_try_advisory_xact_lock(${FOLDING_LOCK}) THEN RETURN; END IF;
     ${fold('incident_counts', KIND)};
     ${fold('branch_counts', BRANCH)};
   END $$`,

  `CREATE FUNCTION count_incidents() RETURNS trigger LANGUAGE plpgsql AS $$
   DECLARE
     step integer := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
     is_due boolean;
   BEGIN
     WITH made AS (${added('incident_counts', KIND)} RETURNING id)
     SELECT bool_or(id % ${FOLD_EVERY} = 0) INTO is_due FROM made;
     ${added('branch_counts', BRANCH)};
     IF is_due THEN PERFORM fold_incident_counts(); END IF;
     RETURN NULL;
   END $$`,
  `CREATE FUNCTION count_changed_incident() RETURNS trigger LANGUAGE plpgsql AS $$
   DECLARE made bigint;
   BEGIN
     INSERT INTO incident_counts (${list(KIND)}, count)
       VALUES (${list(KIND, 'OLD')}, -1), (${list(KIND, 'NEW')}, 1);
     made := lastval();
     IF ${isOther('branch')} OR ${isOther('project_id')} THEN
       INSERT INTO branch_counts (${list(BRANCH)}, count)
         VALUES (${list(BRANCH, 'OLD')}, -1), (${list(BRANCH, 'NEW')}, 1);
     END IF;
     IF made % ${FOLD_EVERY} < 2 THEN PERFORM fold_incident_counts(); END IF;
     RETURN NULL;
   END $$`,
  `CREATE FUNCTION count_no_incidents() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     DELETE FROM incident_counts;
     DELETE FROM branch_counts;
     RETURN NULL;
   END $$`,

  // From here on no incident changes until all are counted: making a trigger locks the table.
  `CREATE TRIGGER incidents_counted_in AFTER INSERT ON incidents
     REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_incidents()`,
  `CREATE TRIGGER incidents_counted_out AFTER DELETE ON incidents
     REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_incidents()`,
  `CREATE TRIGGER incidents_counted_anew AFTER UPDATE OF ${list([...KIND, 'branch'])} ON incidents
     FOR EACH ROW WHEN (${[...KIND, 'branch'].map(isOther).join(' OR ')})
     EXECUTE FUNCTION count_changed_incident()`,
  `CREATE TRIGGER incidents_counted_none AFTER TRUNCATE ON incidents
     FOR EACH STATEMENT EXECUTE FUNCTION count_no_incidents()`,
  fill('incident_counts', KIND),
  fill('branch_counts', BRANCH),
];

const DOWN = [
  ...['in', 'out', 'anew', 'none'].map((name) => `DROP TRIGGER incidents_counted_${name} ON incidents`),
  `DROP FUNCTION count_incidents(), count_changed_incident(), count_no_incidents(), fold_incident_counts()`,
  `DROP TABLE incident_counts, branch_counts`,
];
