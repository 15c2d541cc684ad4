import { REPOSITORY_OWNER } from '@app/domain';
import { z } from 'zod';

export const setupPageQuery = z.strictObject({
  organization: z
    .string()
    .trim()
    .refine((name) => name === '' || REPOSITORY_OWNER.test(name), 'is not the name of an account at GitHub')
    .default('')
    .meta({ description: 'The organisation that is to own the App; empty: whoever creates it.' }),
  access: z
    .enum(['act', 'diagnose'])
    .default('act')
    .meta({ description: '`diagnose`: the App may read and never write.' }),
});
export type SetupPageQuery = z.output<typeof setupPageQuery>;

export const setupAnswerQuery = z.object({
  code: z
    .string()
    .regex(/^[\w-]{1,200}$/)
    .meta({ description: 'Exchanged for the App, once, within an hour.' }),
  state: z
    .string()
    .regex(/^[\w-]{1,200}$/)
    .meta({ description: 'What the page handed to GitHub.' }),
});
export type SetupAnswerQuery = z.output<typeof setupAnswerQuery>;

export const setupLinkSchema = z
  .object({
    url: z.string().meta({ description: 'For one browser, once; shown only now.' }),
    expiresAt: z.iso.datetime(),
  })
  .meta({ id: 'GithubAppSetupLink' });
export type SetupLinkAnswer = z.output<typeof setupLinkSchema>;
