import { lookAtMachine } from '../checks/machine.ts';
import type { Context } from '../context.ts';
import { exitCodes } from './exit-codes.ts';
import { loadConfig } from './load-config.ts';
import { type Program, Refused } from './program.ts';

/** The answers and keys of an installation; never asks for what is missing. Refused where nothing is installed. */
export async function installed(program: Program): Promise<Context> {
  const { host, layout, account, platform } = program;
  for (const path of [layout.savedAnswers, layout.secretsFile]) {
    if ((await host.stat(path)) !== undefined) continue;
    throw new Refused(exitCodes.preconditionNotMet, {
      code: 'nothing-installed',
      problem: `nothing is installed for ${account.user}: there is no ${path}`,
      fix: 'install first:  claude-routing-install',
    });
  }
  return await loadConfig(unasked(program), await lookAtMachine(host, account.home, platform));
}

/** The same program in a run in which nothing may be asked. */
export function unasked(program: Program): Program {
  return { ...program, given: { ...program.given, ask: false }, ui: { ...program.ui, interactive: false } };
}
