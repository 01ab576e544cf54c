import template from '../../../templates/status-line.bash?raw';
import type { Layout } from '../../layout.ts';
import { shellWord } from '../../shell/word.ts';

/**
 * The program behind Claude Code's status line: it says which backend answered last in the session at hand, from the
 * gateway's request log. `model` is the local model's id, of which the last part is shown.
 */
export function statusLineScript({ requestLogDir }: Layout, model: string | undefined): string {
  const values: Readonly<Record<string, string>> = {
    requests: shellWord(requestLogDir),
    model: shellWord(model?.split('/').at(-1) ?? 'local model'),
  };
  return template.replace(/\{\{(\w+)\}\}/g, (_, slot: string) => {
    const value = values[slot];
    if (value === undefined) throw new Error(`the status line's template has an unknown slot: ${slot}`);
    return value;
  });
}
