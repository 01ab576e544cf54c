import { exitCodes } from './exit-codes.ts';
import { countEffects } from './overview.ts';
import { type Program, Refused } from './program.ts';

/** Makes sure that no action of these will stop at a question for a password; refused before anything is touched where nobody may be asked. */
export async function secureSudo(program: Program, overviews: Parameters<typeof countEffects>[0]): Promise<void> {
  const { ui, account } = program;
  if (countEffects(overviews).withSudo === 0) return;
  const mayAsk = ui.interactive && !program.flags.yes;
  if (mayAsk) ui.say('Some actions need root. sudo may ask for your password now, once.');
  if (await program.acquireSudo(mayAsk)) return;
  throw new Refused(exitCodes.preconditionNotMet, {
    problem: 'sudo would ask for a password, and nobody may be asked in this run; nothing was changed',
    fix: `type  sudo -v  in this terminal first, or have an administrator allow it without a password:  echo '${account.user} ALL=(ALL) NOPASSWD: ALL' | sudo tee /etc/sudoers.d/${account.user}`,
  });
}
