import * as z from 'zod';

/** Which kinds a request can be of; it may be of several. `templates/gateway/routing_rules.py` tells them apart. */
export const requestKinds = [
  'title',
  'background',
  'subagent',
  'plan',
  'compaction',
  'web-search',
  'image',
  'tool-result',
] as const;
export type RequestKind = (typeof requestKinds)[number];

/** The launchers whose requests rules may redirect: claude-offline never leaves the local model, claude-api has no gateway. */
const ruledLaunchers = ['claude-routed', 'claude-local'] as const;

const tokens = z.int().min(1);

const conditions = z.strictObject({
  kind: z.enum(requestKinds).optional(),
  agent: z
    .string()
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9_:-]{0,63}$/,
      'must be the name of a subagent, such as Explore; custom is any of your own',
    )
    .optional(),
  largerThan: tokens.optional(),
  smallerThan: tokens.optional(),
  launcher: z.enum(ruledLaunchers).optional(),
  directory: z
    .string()
    .regex(/^(~|\/)[^\p{Cc}]*$/u, 'must begin with / or ~/')
    .transform((typed) => (typed === '/' ? typed : typed.replace(/\/+$/, '')))
    .optional(),
});

/** The name under which the log has what a sealed folder keeps local, besides the person's own rules. */
export const sealedRule = 'sealed-folder';

const rule = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'must be lower-case letters, digits and hyphens, 32 at most')
    .refine((name) => name !== sealedRule, `must not be ${sealedRule}, which routing.sealed has`),
  when: conditions.default({}),
  model: z.string().regex(/^[\w./:@+-]+$/, 'must be the name of a model of the gateway'),
});

/** What a rule says, as the person wrote it. */
export type Rule = z.infer<typeof rule>;

/** The gateway gets them in one variable of its environment, and the kernel takes 128 KB of those (execve(2), MAX_ARG_STRLEN). */
const mostRules = 300;

/** A person's own rules, in order. */
export const rules = z
  .array(rule)
  .max(mostRules, `must be ${mostRules} rules at most`)
  .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, 'must give each rule a name of its own')
  .default([])
  .describe(
    `which model of the gateway answers which requests, in order, the first that fits: a list of {name, when, model}. when may have kind (${requestKinds.join(', ')}), agent, largerThan, smallerThan (tokens), launcher, directory, and all of it must hold; what fits no rule goes where routing.profile says`,
  );

const folder = z
  .string()
  .regex(/^(~\/|\/)[^\p{Cc}]/u, 'must be a folder, beginning with / or ~/')
  // In a compose file a path ends at a colon, and a dollar sign begins a variable.
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
