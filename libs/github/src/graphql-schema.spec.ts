import { validate } from '@octokit/graphql-schema';
import { describe, expect, it } from 'vitest';
import { CHECKS_QUERY, filesQuery } from './graphql-schema.js';

describe("questions in GraphQL keep to GitHub's own schema", () => {
  it.each([
    ['files', filesQuery(['a', 'b/c.ts'])],
    ['checks', CHECKS_QUERY],
  ])('%s', (_, query) => {
    expect(validate(query)).toEqual([]);
    expect(validate(query.replace(/\b(?:isTruncated|annotationLevel)\b/, 'noSuchField'))).not.toEqual([]);
  });
});
