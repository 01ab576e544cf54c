import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { holderWords, portHolder } from '../../docker-client/port-holder.ts';
import { type ServedReply, type ServedRequest, serveOnLoopback } from '../../host/loopback-server.ts';
import { readerLeft } from '../../host/reader.ts';
import { type ExitCode, exitCodes } from '../../session/exit-codes.ts';
import { type Program, Refused } from '../../session/program.ts';
import { bounded, harmlessLine, withTextsFit } from '../../text/harmless.ts';
import { dim, type Line, plain, sayLines } from '../../ui/wording.ts';
import { HistoryReader, PageWatcher } from '../../watch/page/page-watcher.ts';
import { admit, pageHeaders, pageText, tunnelLine } from '../../watch/page/served.ts';
import { openWatcher } from './watch.ts';

/** Longest text in a cell of the page, in characters. */
const longest = 300;
/** Random bytes of the token: 16 letters, which nobody can guess and with which the address fits into 40 columns. */
const tokenBytes = 12;

/**
 * What `watch` shows, and the last days as plots, on a page of 127.0.0.1 for whoever has the address. Changes nothing. Ends
 * by a signal, or when nobody reads any more.
 */
export async function page(program: Program, { port = 0 }: { readonly port?: number | undefined }): Promise<ExitCode> {
  const { ui, host, layout, account, environment } = program;
  const watcher = await openWatcher(program);
  const history = new HistoryReader(host, layout.requestLogDir);
  const pages = new PageWatcher(
    async (now) => await watcher.look(now),
    async (now) => await history.look(now),
  );
  const token = randomBytes(tokenBytes).toString('base64url');
  const served = await serveOnLoopback(port, async (request) => await answer(program, pages, request, token));
  if (served === undefined) throw await taken(program, port);
  const address = `http://127.0.0.1:${served}/${token}`;
  const connection = environment['SSH_CONNECTION'];
  const tunnel = tunnelLine({ port: served, user: account.user, hostName: hostname(), connection });
  ui.result('page', { address, tunnel }, () => sayLines(ui, addressLines(address, tunnel)));
  await readerLeft();
  return exitCodes.hungUp;
}

function addressLines(address: string, tunnel: string): readonly Line[] {
  return [
    plain('On your own machine, type this and leave it running:'),
    { text: `    ${tunnel}`, tone: 'command' },
    plain('Then open there:'),
    { text: `    ${address}`, tone: 'command' },
    dim('Anyone who has this address can see the page. Ctrl-C ends it.'),
  ];
}

async function answer(
  { masking }: Program,
  pages: PageWatcher,
  request: ServedRequest,
  token: string,
): Promise<ServedReply> {
  const admission = admit(request, token);
  switch (admission.part) {
    case 'nothing':
      return reply(admission.status, 'text/plain', 'Nothing here. Open the address that  watch page  printed.\n');
    case 'page':
      return reply(200, 'text/html', pageText);
    case 'state': {
      const state = await pages.state(admission.seen, new Date());
      // What stands in the log was written by others: masked twice, as a mark within a key would hide it from the first look.
      const shown = (text: string) => bounded(masking.mask(harmlessLine(masking.mask(text))), longest);
      return reply(200, 'application/json', JSON.stringify(withTextsFit(state, shown)));
    }
  }
}

function reply(status: number, type: string, body: string): ServedReply {
  return { status, headers: { ...pageHeaders, 'content-type': `${type}; charset=utf-8` }, body };
}

async function taken({ host }: Program, port: number): Promise<Refused> {
  const { who } = holderWords(await portHolder(host, port), port);
  return new Refused(exitCodes.preconditionNotMet, {
    code: 'port-taken',
    problem: `port ${port} of 127.0.0.1 is taken by ${who}`,
    fix: 'leave --port out, and take any that is free:  claude-routing-install watch page',
  });
}
