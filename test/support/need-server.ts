import { givenServer } from './fresh-store.js';

if (givenServer() === null)
  throw new Error(
    'No PostgreSQL server was given. Set TEST_DATABASE_URL to one with pgvector 0.8 or later, whose user may make databases, for example postgresql://postgres@127.0.0.1:5432/postgres.',
  );
