import type { Detector } from './detector.js';

/** Migrations and schemas: Prisma, Alembic, Django, Laravel, Rails, Flyway, Liquibase, sqlx, dbt. */
export const databases: Detector = {
  family: 'databases',
  rules: [
    {
      id: 'prisma.schema',
      near: [
        'prisma schema validation',
        'error code: p1012',
        'prisma schema loaded',
        'environment variable not found: ',
      ],
      pattern:
        /^(?:Error: )?(?<message>Prisma schema validation.*|error: Environment variable not found: .*)/i,
      weight: 88,
      category: 'build_config',
      subcategory: 'prisma',
      context: { before: 0, after: 8 },
      completes: { within: 5, patterns: [/^(?:error: )(?<message>\S.*)/] },
    },
    {
      id: 'prisma.error',
      near: ['error: p1', 'error: p3', 'error: p2', 'error code: p'],
      pattern: /^Error: (?<code>P\d{4}):? ?(?<message>.*)/,
      weight: 89,
      category: 'runtime_deploy',
      subcategory: 'database_migration',
      context: { before: 1, after: 5 },
      instead: [
        { step: /\b(?:tests?|e2e|jest|vitest)\b/i, category: 'test_failure', subcategory: 'suite_setup' },
      ],
    },
    {
      id: 'alembic.error',
      near: [
        'multiple head revisions',
        "can't locate revision",
        'target database is not up to date',
        'alembic.util.exc',
      ],
      pattern:
        /^(?:FAILED: |ERROR: |\S{0,60}CommandError: )?(?<message>(?:\s{0,4})?(?:Multiple head revisions are present|Can't locate revision|Target database is not up to date).*)/,
      weight: 90,
      category: 'build_config',
      subcategory: 'database_migration',
    },
    {
      id: 'django.migrations-missing',
      near: ["migrations for '", 'your models have changes that are not yet reflected', 'model changes'],
      pattern:
        /^(?<message>Migrations for '\w{1,80}':|Your models (?:in app\(s\): .{1,200} )?have changes that are not yet reflected in a migration.*)/,
      weight: 70,
      category: 'quality',
      subcategory: 'migration_missing',
      context: { before: 0, after: 5 },
      completes: { within: 4, patterns: [/^\s{2,8}(?<message>[~+-] \S.*)/] },
      suggestion: 'python manage.py makemigrations',
    },
    {
      id: 'sql.state',
      tool: 'database',
      near: ['sqlstate['],
      pattern: /^(?:\S{1,80}: )?\s{0,6}(?<message>SQLSTATE\[(?<code>\w{1,8})\].*)/,
      weight: 87,
      category: 'runtime_deploy',
      subcategory: 'database',
      context: { before: 2, after: 4 },
      instead: [
        {
          seen: ['phpunit.test', 'phpunit.summary', 'pest.test'],
          category: 'test_failure',
          subcategory: 'error_in_code',
        },
        { step: /\b(?:tests?|phpunit|pest)\b/i, category: 'test_failure', subcategory: 'error_in_code' },
      ],
    },
    {
      id: 'flyway.error',
      near: [
        'flywayexception',
        'validate failed: migrations',
        'migration checksum mismatch',
        'liquibase.exception',
      ],
      pattern:
        /(?<message>(?:org\.flywaydb\.\S{1,80}FlywayException|liquibase\.exception\.\w{3,60}): .*|Validate failed: Migrations have failed validation.*|Migration checksum mismatch for .*)/,
      weight: 88,
      category: 'runtime_deploy',
      subcategory: 'database_migration',
      instead: [
        { step: /\b(?:tests?|verify|check)\b/i, category: 'test_failure', subcategory: 'suite_setup' },
      ],
    },
    {
      id: 'dbt.failure',
      near: ['failure in test ', 'database error in ', 'compilation error in ', 'runtime error in '],
      pattern:
        /^(?:\d\d:\d\d:\d\d {1,4})?(?<message>(?:Failure in test|(?<code>Database|Compilation|Runtime) Error in (?:model|test|macro|seed|snapshot)) (?<test>\S{1,200}) \((?<file>\S{1,300})\).*)/,
      weight: 90,
      category: 'test_failure',
      subcategory: 'data_test',
      context: { before: 0, after: 4 },
      completes: { within: 2, patterns: [/^(?:\d\d:\d\d:\d\d {1,4})\s{0,6}(?<message>(?:Got \d|[A-Z]).*)/] },
      instead: [{ step: /\bdbt (?:run|build|compile|parse)\b/, category: 'compile_error' }],
    },
    {
      id: 'sqlx.offline',
      near: ['sqlx_offline', 'cargo sqlx prepare', 'query data in .sqlx'],
      pattern: /^error: (?<message>.{0,300}(?:SQLX_OFFLINE|cargo sqlx prepare).*)/,
      weight: 93,
      category: 'compile_error',
      subcategory: 'sqlx',
    },
    {
      id: 'rails.migrations-pending',
      near: ['migrations are pending'],
      pattern: /(?<message>Migrations are pending.*)/,
      weight: 90,
      category: 'test_failure',
      subcategory: 'suite_setup',
      context: { before: 1, after: 4 },
    },
  ],
};
