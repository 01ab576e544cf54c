import { lostOf, replaceTerminals, standardTerminals } from '../host/reader.ts';
import { type ExitCode, exitCodes, type StopSignal, signalExitCodes } from '../session/exit-codes.ts';
import type { Signals } from '../session/program.ts';
import type { Ui } from '../ui/ui.ts';

const stopSignals = Object.keys(signalExitCodes) as StopSignal[];

/**
 * A signal ends the program at once while it only looks or asks; during changes the action in hand is finished first. A
 * second one ends it at once, but for SIGHUP, which nobody repeats out of impatience. What nobody caught is told by
 * `tellStray`; where it comes from a terminal that is gone, it is the signal that tells so.
 */
export function listenForSignals(ui: Ui, tellStray: (error: Error) => ExitCode): Signals {
  let received: StopSignal | undefined;
  let shielded = false;
  let whenLeft: (() => Promise<void>) | undefined;
  let leaving: Promise<void> | undefined;
  async function left(): Promise<void> {
    // The end of the input and the signal that tells of it come together.
    leaving ??= whenLeft?.();
    await leaving;
  }
  function stop(signal: StopSignal): void {
    // A closing terminal sends more than one signal: the kernel tells the shell, and the shell tells what it started.
    if (signal === 'SIGHUP' && received === signal) return;
    const again = received !== undefined;
    received = signal;
    if (again) process.exit(signalExitCodes[signal]);
    if (shielded) {
      ui.say('Stopping after the current action. Once more ends it immediately.', 'warning');
      return;
    }
    ui.say('Cancelled. Nothing was changed.', 'warning');
    setTimeout(() => process.exit(signalExitCodes[signal]), lastWords);
    void left().finally(() => process.exit(signalExitCodes[signal]));
  }
  for (const signal of stopSignals) process.on(signal, () => stop(signal));
  process.on('uncaughtException', (error) => {
    if (!isOfTerminal(error)) process.exit(tellStray(error));
    if (received === undefined) stop('SIGHUP');
  });
  return {
    received: () => received,
    whenLeft: (act) => {
      whenLeft = act;
    },
    left,
    shield: async (work) => {
      shielded = true;
      return await work().finally(() => {
        shielded = false;
      });
    },
  };
}

/** What writing to a terminal fails with when it is gone or belongs to others by now. For a file, the error would name it. */
function isOfTerminal({ code, path }: NodeJS.ErrnoException): boolean {
  return code === 'EIO' && path === undefined;
}

/** How long the last words of a program that was told to stop may take, in milliseconds. */
const lastWords = 2000;

/**
 * To be called first and once: makes the end possible, with the code that is meant, although the terminal is gone by then or
 * goes in that very moment. Gives back what ends the process, as soon as everything is written: a slow reader is waited for
 * (a pager, Ctrl-S), unless the program was told to stop, since a terminal that nobody reads from would keep it for ever.
 */
export function prepareEnd(): (exitCode: ExitCode) => void {
  const terminals = standardTerminals();
  process.once('exit', (code) => {
    const going = code === exitCodes.hungUp;
    if (going && process.stdin.isRaw) process.stdin.setRawMode(false);
    replaceTerminals(going ? terminals : lostOf(terminals));
  });
  return (wanted) => {
    // If its terminal goes and no signal says so, a question is left as if the person had left it.
    const exitCode = wanted === exitCodes.cancelled && lostOf(terminals).length > 0 ? exitCodes.hungUp : wanted;
    process.exitCode = exitCode;
    for (const signal of stopSignals) process.removeAllListeners(signal).on(signal, () => process.exit(exitCode));
    if (Object.values<ExitCode>(signalExitCodes).includes(exitCode))
      setTimeout(() => process.exit(), lastWords).unref();
  };
}
