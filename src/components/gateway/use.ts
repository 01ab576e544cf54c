import * as z from 'zod';
import type { Probe } from '../../host/host.ts';
import { readBody } from '../../http/reply-body.ts';
import type { Layout } from '../../layout.ts';
import { counted } from '../../text/counted.ts';
import { requestsBetween } from './request-log.ts';

/** Who would notice if the gateway stopped now. */
export interface GatewayUse {
  /** Different sessions of Claude Code whose requests ended in the last minutes, our own tests left out. */
  readonly sessions: number;
  /** Connections of clients that are open at this moment, idle ones included; undefined where they could not be counted. */
  readonly connections: number | undefined;
}

/** How far back a session counts as one that may still go on. */
const recentMinutes = 10;
/** Launcher names under which this program itself asks. */
const ownLaunchers: readonly string[] = ['drill', 'sentinel', 'proof'];

/** Looks at the request log and at the port's connections; neither names what is being answered right now. */
export async function gatewayUse(
  probe: Pick<Probe, 'readLines' | 'query'>,
  { requestLogDir, gatewayPort }: { readonly requestLogDir: string; readonly gatewayPort: number },
  now: number,
): Promise<GatewayUse> {
  const from = now - recentMinutes * 60_000;
  const [requests, connections] = await Promise.all([
    requestsBetween(probe, requestLogDir, from, now).catch(() => []),
    openConnections(probe, gatewayPort),
  ]);
  const people = requests.filter(({ launcher }) => launcher === null || !ownLaunchers.includes(launcher));
  return { sessions: new Set(people.flatMap(({ session }) => session ?? [])).size, connections };
}

/** Connections of clients to the gateway's port, idle ones included; undefined where they cannot be counted. */
export async function openConnections(probe: Pick<Probe, 'query'>, port: number): Promise<number | undefined> {
  const filter = `( sport = :${port} )`;
  const { exitCode, stdout } = await probe.query({ file: 'ss', args: ['-Htn', 'state', 'established', filter] });
  return exitCode === 0 ? stdout.split('\n').filter((row) => row.trim() !== '').length : undefined;
}

/** What a stop of the gateway means for them, as a sentence; undefined when nobody would notice. */
export function useWords({ sessions, connections = 0 }: GatewayUse): string | undefined {
  if (sessions === 0 && connections === 0) return undefined;
  const used =
    sessions === 0 ? [] : [`${counted(sessions, 'session')} used the gateway in the last ${recentMinutes} minutes`];
  const open = connections === 0 ? [] : [`${connections} connection${connections === 1 ? ' is' : 's are'} open now`];
  return `${[...used, ...open].join(', ')}: an answer in progress is cut off, and Claude Code asks again`;
}

const count = z.number().int().min(0);
/** Host and port if there are several; the name of another one would mislead. */
const server = z.string().nullish();
/** In the order of their turns; `seconds` is how long each has waited. */
const waiting = z.array(
  z.object({ kind: z.enum(['conversation', 'subagent', 'background']), agent: z.string().nullable(), seconds: count }),
);
const state = z.object({
  v: z.literal(1),
  at: z
    .string()
    .transform((text) => Date.parse(text))
    .pipe(z.number()),
  servers: z.array(
    z.object({
      server,
      /** How many requests it answers at the same time, and how many it is answering now. */
      slots: count,
      running: count,
      waiting,
    }),
  ),
  /** The one that is being woken, and the requests that wait for it. */
  waking: z.object({ server, waiting }).nullish(),
});

/** The local servers that somebody waits for, as the gateway writes them down (`templates/gateway/local/queue_state.py`). */
export type Waiting = Readonly<Pick<z.infer<typeof state>, 'servers' | 'waking'>>;

/** The gateway writes it anew every five seconds, so anything older was left by one that was killed. Milliseconds. */
const oldest = 15_000;

/** Who waits for a local server; nobody if the file is missing, old or not understood. */
export async function lookAtWaiting(
  probe: Pick<Probe, 'readFile'>,
  { requestLogDir }: Pick<Layout, 'requestLogDir'>,
  now: Date,
): Promise<Waiting> {
  const text = await probe.readFile(`${requestLogDir}/queue.json`).catch(() => undefined);
  const read = text === undefined ? undefined : readBody(state, text);
  return read === undefined || now.getTime() - read.at > oldest ? { servers: [] } : read;
}
