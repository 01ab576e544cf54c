import { exitCodes } from './exit-codes.ts';
import { type Program, Refused } from './program.ts';

/** Whether to go on with what was shown: yes by --yes, else by the person; off a terminal it is refused with `problem`. */
export async function confirmed(
  { yes, ui }: Program,
  words: { readonly problem: string; readonly no: string },
): Promise<boolean> {
  if (yes) return true;
  if (!ui.interactive)
    throw new Refused(exitCodes.usage, {
      code: 'nobody-to-agree',
      problem: words.problem,
      fix: 'add  --yes  to agree to them',
    });
  const choices = [
    { value: 'yes', label: 'yes' },
    { value: 'no', label: words.no },
  ] as const;
  return (await ui.choose({ message: 'Go on?', choices })) === 'yes';
}
