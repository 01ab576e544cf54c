import type { Command, Effect } from '../host/host.ts';
import { shellWord } from '../shell/word.ts';

/** One line that says what an effect does, safe to be shown: commands as they are typed, never their input or secret values. */
export function describeEffect(effect: Effect): string {
  switch (effect.do) {
    case 'write':
      return `write ${effect.path} (mode ${effect.mode.toString(8)})`;
    case 'make-directory':
      return `make directory ${effect.path} (mode ${effect.mode.toString(8)})`;
    case 'remove':
      return `remove ${effect.path}`;
    case 'run':
      return shellLine(effect.command);
    case 'send':
      return `${effect.request.method ?? 'POST'} ${effect.request.url}`;
  }
}

/** A command as a person would type it. */
export function shellLine(command: Command): string {
  const settings = Object.entries(command.env ?? {}).map(([name, value]) => `${name}=${shellWord(String(value))}`);
  const sudo = command.sudo === true ? ['sudo', ...(settings.length > 0 ? ['env'] : [])] : [];
  return [...sudo, ...settings, command.file, ...command.args.map(shellWord)].join(' ');
}
