import { setTimeout as pause } from 'node:timers/promises';
import { readerLeft } from '../../host/reader.ts';
import { layoutFor } from '../../layout.ts';
import { type ExitCode, exitCodes } from '../../session/exit-codes.ts';
import { orProblems, savedAnswers } from '../../session/load-installation.ts';
import type { Program } from '../../session/program.ts';
import { sayLines } from '../../ui/wording.ts';
import { requireLog } from '../../usage/read-usage.ts';
import { type Look, type Moment, Watcher } from '../../watch/watcher.ts';
import { headLines, momentLines, requestLine } from '../../watch/words.ts';

/** Milliseconds between two looks into the log. */
const every = 1000;
/** How many earlier requests are shown at the start. */
const shownAtFirst = 10;

/**
 * Requests as they end, how the gateway is, and what today came to: a screen that is redrawn where a terminal can, a line
 * for each request elsewhere, an object each for programs. Changes nothing. Ends by a signal, or when nobody reads any more.
 */
export async function watch(program: Program, { once = false }: { readonly once?: boolean }): Promise<ExitCode> {
  const { ui } = program;
  const watcher = await openWatcher(program);
  const first = await watcher.look(new Date());
  if (once || !ui.redraw((rows) => momentLines(first.moment, rows))) tellFirst(program, first.moment);
  if (once) return exitCodes.done;
  let isAlone = false;
  void readerLeft().then(() => {
    isAlone = true;
  });
  for (; ui.isRead() && !isAlone; await pause(every)) {
    const look = await watcher.look(new Date());
    if (!ui.redraw((rows) => momentLines(look.moment, rows))) tellFresh(program, look);
  }
  return exitCodes.done;
}

/** A watcher of this account's installation; refuses where there is no log. */
export async function openWatcher(program: Program): Promise<Watcher> {
  const { host, account } = program;
  await requireLog(program);
  const answers = await orProblems(savedAnswers(program));
  const { gateway, spending } = answers.ok ? answers.value : { gateway: undefined, spending: noCeiling };
  return new Watcher(host, layoutFor(account, gateway?.port), spending);
}

const noCeiling = { perDay: undefined, perMonth: undefined, atCeiling: 'refuse' } as const;

function tellFirst({ ui }: Program, { now, today, latest, ...moment }: Moment): void {
  const shown = { now, today, ...moment, latest: latest.slice(-shownAtFirst) };
  const forPrograms = { at: now.toISOString(), ...moment, today: today.total, latest: shown.latest.map(plain) };
  ui.result('watch', forPrograms, () => sayLines(ui, [...headLines(shown), ...shown.latest.map(requestLine)]));
}

function tellFresh({ ui }: Program, { fresh }: Look): void {
  for (const request of fresh) {
    ui.result('request', plain(request), () => sayLines(ui, [requestLine(request)]));
  }
}

/** As the log has it. */
function plain(request: Moment['latest'][number]): object {
  return { ...request, at: new Date(request.at).toISOString() };
}
