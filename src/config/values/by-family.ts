import * as z from 'zod';

/** Something for each family of Claude that is wanted. */
export function byFamily<Of extends z.ZodType>(of: Of) {
  return z.strictObject({ opus: of.optional(), sonnet: of.optional(), haiku: of.optional(), fable: of.optional() });
}
