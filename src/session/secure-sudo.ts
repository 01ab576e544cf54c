import { exitCodes } from './exit-codes.ts';
import { countEffects } from './preview.ts';
import { type Program, Refused } from './program.ts';

/** Makes sure before the first change that none of these actions will stop at a question for a password; refused where nobody may be asked. */
export async function secureSudo(program: Program, overviews: Parameters<typeof countEffects>[0]): Promise<void> {
  if (countEffects(overviews).withSudo > 0) await ensureSudo(program);
}

/** The same where it is known already that root is needed. */
export async function ensureSudo(program: Program): Promise<void> {
  const { ui, account } = program;
  const mayAsk = ui.interactive && !program.yes;
  if (mayAsk) ui.say('Some actions need root. sudo may ask for your password now, once.');
  if (await program.acquireSudo(mayAsk)) return;
  throw new Refused(exitCodes.preconditionNotMet, {
    code: 'sudo-needs-password',
    problem: 'sudo would ask for a password, and nobody may be asked in this run; nothing was changed',
    fix: `type  sudo -v  in this terminal first, or have an administrator allow it without a password:  echo '${account.user} ALL=(ALL) NOPASSWD: ALL' | sudo tee /etc/sudoers.d/${account.user}`,
  });
}
