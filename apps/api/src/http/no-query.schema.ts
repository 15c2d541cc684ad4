import { z } from 'zod';

/** For routes that take no query: what is sent all the same was meant for something. */
export const noQuerySchema = z.strictObject({});
