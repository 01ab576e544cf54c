import * as z from 'zod';
import type { Probe } from '../../../host/host.ts';
import { readBody } from '../../../http/reply-body.ts';
import type { Layout } from '../../../layout.ts';

const count = z.number().int().min(0);
/** Host and port, where there are several; the name of another one would mislead. */
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
      /** Requests that it answers at once, and those that it answers now. */
      slots: count,
      running: count,
      waiting,
    }),
  ),
  /** The one that is being woken, and who is held for it. */
  waking: z.object({ server, waiting }).nullish(),
});

/** The local servers that somebody waits for, as the gateway writes it down (`templates/gateway/local/queue_state.py`). */
export type Waiting = Readonly<Pick<z.infer<typeof state>, 'servers' | 'waking'>>;

/** The gateway writes it anew every five seconds, so what is older was left by one that was killed. Milliseconds. */
const oldest = 15_000;

/** Who waits for a local server; nobody where the file is missing or old, or cannot be understood. */
export async function lookAtWaiting(
  probe: Pick<Probe, 'readFile'>,
  { requestLogDir }: Pick<Layout, 'requestLogDir'>,
  now: Date,
): Promise<Waiting> {
  const text = await probe.readFile(`${requestLogDir}/queue.json`).catch(() => undefined);
  const read = text === undefined ? undefined : readBody(state, text);
  return read === undefined || now.getTime() - read.at > oldest ? { servers: [] } : read;
}
