import type { components } from '@octokit/openapi-types';
import type { z } from 'zod';

/** Names of the shapes in GitHub's own description of its REST API. */
export type GithubSchemaName = keyof components['schemas'];
/** A shape of GitHub's REST API, as GitHub describes it. */
export type GithubSchema<Name extends GithubSchemaName> = AsJson<NonNullable<components['schemas'][Name]>>;

/** What `JSON.parse` gives: the description has 64-bit numbers as bigint too. */
type AsJson<T> = T extends bigint
  ? never
  : T extends readonly (infer Item)[]
    ? AsJson<Item>[]
    : T extends object
      ? { [Key in keyof T]: AsJson<T[Key]> }
      : T;

/**
 * A schema that takes whatever GitHub may send under this name: it doesn't compile when GitHub's description lets a
 * field be missing, null or of another type than the schema demands.
 */
export function acceptsGithub<Name extends GithubSchemaName>() {
  return <S extends z.ZodType>(schema: S & (GithubSchema<Name> extends z.input<S> ? unknown : never)): S =>
    schema;
}

/**
 * Some of the fields of a shape, at any depth: what a stand-in answers, which leaves out what nobody reads and may give
 * no field another name or type than GitHub does. For `satisfies`. What is `Loose` has GitHub's names alone: tests give these
 * fields values that the description doesn't know.
 */
export type GithubPart<Name extends GithubSchemaName, Loose extends keyof GithubSchema<Name> = never> = Omit<
  PartOf<GithubSchema<Name>>,
  Loose
> & { [Key in Loose]?: unknown };

type PartOf<T> = T extends readonly (infer Item)[]
  ? PartOf<Item>[]
  : T extends object
    ? { [Key in keyof T]?: PartOf<T[Key]> }
    : T;
