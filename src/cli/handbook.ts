import { bashCompletion } from '../command-line/handbook/bash.ts';
import { described } from '../command-line/handbook/described.ts';
import { fishCompletion } from '../command-line/handbook/fish.ts';
import { programPage } from '../command-line/handbook/manual.ts';
import { zshCompletion } from '../command-line/handbook/zsh.ts';
import type { Handbook } from '../context.ts';
import { exitCodeWords } from '../session/exit-codes.ts';
import { commandTree, helpOption } from './command-tree.ts';

/** What explains the program on the command line, from what its commands declare. */
export async function handbook(): Promise<Handbook> {
  const commands = await described(
    commandTree(() => undefined),
    helpOption,
  );
  return {
    completion: { bash: bashCompletion(commands), zsh: zshCompletion(commands), fish: fishCompletion(commands) },
    page: programPage(commands, exitCodeWords),
  };
}
