import * as z from 'zod';

const folder = z
  .string()
  .regex(/^(~\/|\/)[^\p{Cc}]/u, 'must be a folder, beginning with / or ~/')
  // A path in a compose file ends at a colon, and a dollar sign stands for a variable there.
  .regex(/^[^:$\p{Cc}]+$/u, 'must not contain a colon or a dollar sign')
  .refine((path) => !path.split('/').some((part) => part === '.' || part === '..'), 'must not contain . or ..')
  .transform((typed) => typed.replace(/\/+$/, '').replace(/\/{2,}/g, '/'));

/** Folders whose text never reaches a cloud. */
export const sealed = z
  .array(folder)
  .refine((all) => new Set(all).size === all.length, 'must name each folder once')
  .default([])
  .describe(
    'folders whose text never reaches a cloud: a conversation that contains some of it is answered by the local model from then on. For that the gateway can read these folders; docs/routing.md says what this cannot prevent',
  );
