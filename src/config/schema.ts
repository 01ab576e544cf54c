import * as z from 'zod';
import { addressProblem, macProblem, normaliseAddress, normaliseMac } from './address.ts';
import { normaliseResource, resourceProblem } from './foundry-resource.ts';
import { cloudModelIdProblem, localModelIdProblem } from './model-id.ts';
import { byFamily, ownPrices, spending } from './money.ts';
import { rules, sealed } from './rules.ts';

/** Where a secret is to be read from: the environment or a file. The value itself is never in an answers file. */
const secretReference = z
  .string()
  .regex(/^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/, 'must be env:NAME or file:/path, never the secret itself');

/** What may be typed in several forms: refused with what is wrong with it, and kept in one form. */
function typedText(problemOf: (typed: string) => string | undefined, normalise: (typed: string) => string) {
  return z.string().transform((typed, context) => {
    const problem = problemOf(typed);
    if (problem === undefined) return normalise(typed);
    context.addIssue({ code: 'custom', message: problem });
    return z.NEVER;
  });
}

const address = typedText(addressProblem, normaliseAddress);
const mac = typedText(macProblem, normaliseMac);
const resource = typedText(resourceProblem, normaliseResource);

const wholeAddress = 'must be https://HOST/PATH, with nothing before or after it';
/** As the URL parser writes it, without line breaks and with escaped blanks: the text goes into apt's list of sources. */
const repositoryUri = z.url({ protocol: /^https$/, error: wholeAddress }).transform((typed, context) => {
  const { origin, pathname, username, password, search, hash } = new URL(typed);
  if (`${username}${password}${search}${hash}` === '') return `${origin}${pathname}`.replace(/\/$/, '');
  context.addIssue({ code: 'custom', message: wholeAddress });
  return z.NEVER;
});

const idText = (problemOf: (id: string) => string | undefined) =>
  z.string().superRefine((id, context) => {
    const problem = problemOf(id);
    if (problem !== undefined) context.addIssue({ code: 'custom', message: `the id ${problem}` });
  });
const localModelId = idText(localModelIdProblem);
const modelId = idText(cloudModelIdProblem);
const timezone = z
  .string()
  .regex(/^[A-Za-z]+([/_+-][A-Za-z0-9_+-]+)*$/, 'must be a name like Europe/Berlin or America/Los_Angeles');

/** What goes where in claude-routed; `components/gateway/routing/profiles.ts` says what each one means. */
export const profiles = ['cloud-foreground', 'local-subagents', 'local-first', 'offline'] as const;
export type Profile = (typeof profiles)[number];

/** Who may answer in place of a cloud that cannot: the other cloud, if both are described, and the local model. */
export const standIns = ['other-cloud', 'local'] as const;
export type StandInKind = (typeof standIns)[number];

/** The four families that Claude Code has an alias for. */
export const modelFamilies = ['opus', 'sonnet', 'haiku', 'fable'] as const;
export type ModelFamily = (typeof modelFamilies)[number];

const deployment = z.union(
  [
    modelId.transform((name) => ({ deployment: name, model: name })),
    z.strictObject({ deployment: modelId, model: modelId }),
  ],
  { error: 'must be the name of a deployment, or {deployment: NAME, model: ID} with the model behind it' },
);

/** An OpenPGP key's fingerprint. */
const fingerprint = z.string().regex(/^[0-9A-F]{40}$/, 'must be 40 hexadecimal digits, capitals, no spaces');

/** What a person chose. Secrets are kept apart; every default that needs no look at the outside world is filled in. */
export const answersSchema = z.strictObject({
  version: z.literal(1),
  system: z
    .strictObject({
      timezone: timezone.optional().describe('e.g. Europe/Berlin; left as it is when absent'),
      fullUpgrade: z.boolean().default(false).describe('run apt full-upgrade once at the start'),
      fail2ban: z.boolean().default(false).describe('ban addresses after repeated failed SSH logins'),
      firewall: z.boolean().default(false).describe('nftables: inbound from the local network only'),
    })
    .prefault({}),
  docker: z
    .strictObject({
      removeConflicting: z
        .boolean()
        .default(false)
        .describe("remove Debian's own docker packages when they are installed"),
      keepRootful: z.boolean().default(false).describe('leave a rootful Docker engine that is in use running'),
      repository: z
        .strictObject({
          uri: repositoryUri.default('https://download.docker.com/linux/debian'),
          fingerprint,
        })
        .optional()
        .describe("only for a mirror that is signed with a key of its own; Docker's repository when absent"),
    })
    .prefault({}),
  toolchain: z
    .strictObject({
      mise: z.boolean().default(true).describe('install mise and the tools below for this user'),
      tools: z
        .array(z.string().regex(/^[a-z0-9_-]+@[A-Za-z0-9._-]+$/, 'must be TOOL@VERSION, e.g. node@22'))
        .default(['node@22', 'python@3.12']),
      fingerprint: fingerprint.optional().describe("only for a mirror: its key; that of mise's maker when absent"),
    })
    .prefault({}),
  claudeCode: z
    .strictObject({
      source: z
        .enum(['native', 'apt'])
        .default('native')
        .describe('a signed release that keeps itself up to date, or the signed apt repository'),
      channel: z.enum(['stable', 'latest']).default('stable'),
      fingerprint: fingerprint.optional().describe("only for a mirror: its key; Anthropic's when absent"),
    })
    .prefault({}),
  localModel: z
    .strictObject({
      address: address.describe('where the local server answers, e.g. 192.168.1.20 or http://192.168.1.20:1234'),
      model: localModelId.describe('the id under which the server lists it').optional(),
      contextWindow: z.int().min(1024).describe('the context window, in tokens; measured when absent').optional(),
      load: z.boolean().default(false).describe('load the model with contextWindow when it is loaded otherwise'),
      tokensPerSecond: z
        .number()
        .positive()
        .optional()
        .describe('how fast it reads a prompt; the wizard measures it on request'),
      parallel: z
        .union([z.int().min(1).max(64), z.literal('off')], { error: 'must be a number from 1 to 64, or off' })
        .optional()
        .describe(
          'how many requests the gateway sends it at once; the others wait, conversations before subagents before titles. When absent, as many as it says it answers at once, or without a limit if it does not say; off: never a limit',
        ),
      wake: z
        .strictObject({
          mac: mac.describe('the network card of the machine at localModel.address, e.g. 3c:7c:3f:12:ab:90'),
          patience: z
            .int()
            .min(10)
            .max(900)
            .default(120)
            .describe('for how many seconds at most a request is held for it'),
        })
        .optional()
        .describe(
          'wake the machine at localModel.address by wake-on-LAN when it does not answer; the request is held meanwhile, and only then does another model answer, where that is allowed. Never woken when absent',
        ),
      token: secretReference.describe('only when the server requires authentication').optional(),
      moreAddresses: z
        .array(address)
        .optional()
        .describe(
          'further servers of the same model, window and token; a conversation stays with the one that has read it, and moves while that is off',
        ),
    })
    .describe('the server that runs the local model'),
  cloud: z
    .strictObject({
      anthropic: z
        .strictObject({ key: secretReference.optional(), models: byFamily(modelId).prefault({}) })
        .optional()
        .describe('Claude API'),
      foundry: z
        .strictObject({
          resource,
          key: secretReference.optional(),
          deployments: byFamily(deployment),
          prices: ownPrices,
        })
        .optional()
        .describe('Azure AI Foundry'),
      main: z.string().optional().describe('gateway name of the foreground model, e.g. claude-sonnet-5-5'),
    })
    .prefault({})
    .describe('leave empty for local only'),
  routing: z
    .strictObject({
      profile: z
        .enum(profiles)
        .optional()
        .describe(
          'what goes where in claude-routed; cloud-foreground when absent, offline without a cloud; local-first needs failover.allowed: true',
        ),
      rules,
      sealed,
    })
    .prefault({}),
  failover: z
    .strictObject({
      allowed: z
        .union([z.boolean(), z.literal('background')], { error: 'must be true, false or background' })
        .default(false)
        .describe(
          'may what was meant for the local model be sent to the cloud when it cannot answer? That costs money. background: only the background work and the subagents of claude-routed',
        ),
      target: z.string().optional().describe('gateway name of the model that takes over'),
      whenCloudFails: z
        .array(z.enum(standIns), { error: 'must be a list of other-cloud and local, e.g. [other-cloud, local]' })
        .refine((order) => new Set(order).size === order.length, 'must name each of them once')
        .default([])
        .describe(
          'who answers, in this order, when a cloud cannot: its limit is reached, it is overloaded or has an error, the credit is used up, the key is refused, it cannot be reached or says nothing. other-cloud costs money there; nobody when empty, and the client gets the cloud’s own error',
        ),
      overflow: z
        .enum(['compact', 'cloud'])
        .optional()
        .describe(
          'when a prompt does not fit the local window: let Claude Code compact, or send it to the cloud; compact when absent, cloud with local-first',
        ),
      images: z
        .enum(['note', 'cloud'])
        .optional()
        .describe(
          'when a turn shows an image and the local model cannot see: tell the model so in a note, or send that turn to the cloud; note when absent',
        ),
      afterWaiting: z
        .int()
        .min(1)
        .max(1500)
        .optional()
        .describe(
          'seconds after which a request that waits for its turn at the local model goes to the cloud instead; it waits as long as it takes when absent',
        ),
    })
    .prefault({}),
  spending,
  gateway: z
    .strictObject({
      port: z.int().min(1024).max(65535).default(4000),
      image: z.string().optional().describe('image reference with tag or digest; the tested one when absent'),
      keepMonths: z.int().min(2).optional().describe('how many months of the request log are kept; all when absent'),
    })
    .prefault({}),
  launchers: z
    .strictObject({
      shellFunctions: z
        .boolean()
        .default(true)
        .describe('functions for interactive shells, in addition to the executables'),
      exportSecrets: z.boolean().default(false).describe('load every key into every shell, as the manual guide does'),
      leanLocal: z
        .boolean()
        .default(true)
        .describe('offer the local model the core tools only, which makes its first prompt four times shorter'),
      statusLine: z.boolean().default(false).describe('show in Claude Code which backend served the last turn'),
      sentinel: z
        .boolean()
        .default(false)
        .describe(
          'after an update of Claude Code or the gateway, try both routes unasked and tell at the next launch when one fails; one small request to the cloud for each update',
        ),
    })
    .prefault({}),
  installer: z
    .strictObject({
      tellReleases: z
        .boolean()
        .default(true)
        .describe(
          'say in a terminal when a newer release of this program is out; npm is asked once a day, in the background',
        ),
    })
    .prefault({}),
});

export type Answers = z.infer<typeof answersSchema>;
/** What may be written in an answers file: defaults may be missing. */
export type AnswersInput = z.input<typeof answersSchema>;
export type CloudAnswers = NonNullable<AnswersInput['cloud']>;

/** The addresses of every server of the local model, each once; everything was measured on the first one. */
export function localAddresses({ address, moreAddresses = [] }: Answers['localModel']): readonly string[] {
  return [...new Set([address, ...moreAddresses])];
}

/** Whether anything can go to a cloud. */
export function hasCloud({ cloud }: Pick<Answers, 'cloud'>): boolean {
  return cloud.anthropic !== undefined || cloud.foundry !== undefined;
}

/** Whether there is a limit to what the clouds may cost. */
export function hasCeiling({ spending }: Pick<Answers, 'spending'>): boolean {
  return spending.perDay !== undefined || spending.perMonth !== undefined;
}
