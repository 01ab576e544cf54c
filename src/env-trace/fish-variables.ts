import { Secret } from '../host/secret.ts';
import { fishLines, fishSettings } from '../shell/fish-lines.ts';
import type { FoundVariable } from './settings-variables.ts';
import { isWatched } from './watched-variables.ts';

/** Every watched variable that a file of fish gives a value, in the order of its lines; what it erases again is left out. */
export function fishVariables(text: string): readonly FoundVariable[] {
  let found: FoundVariable[] = [];
  let within: string | undefined;
  let depth = 0;
  for (const { number, text: line, begins, deeper } of fishLines(text)) {
    const [, name] = /^\s*function\s+(?:-\S+\s+)*(\S+)/.exec(begins ? line : '') ?? [];
    if (name !== undefined && within === undefined) {
      within = name;
      depth = 0;
    }
    for (const setting of begins && !/^\s*(?::\s+)?#/.test(line) ? fishSettings(line) : []) {
      if (setting.erases) found = found.filter((one) => one.name !== setting.name || within !== undefined);
      else if (isWatched(setting.name)) found.push({ ...variable(setting, within), line: number });
    }
    depth += deeper;
    if (depth <= 0) within = undefined;
  }
  return found;
}

function variable(
  { name, value, exported }: { readonly name: string; readonly value: string; readonly exported: boolean },
  within: string | undefined,
): FoundVariable {
  const reach = exported ? (within === undefined ? 'exported' : 'in-function') : 'shell-only';
  return {
    name,
    value: new Secret(value),
    reach,
    ...(within === undefined ? {} : { within }),
    ...(/[$(]/.test(value) ? { unexpanded: true } : {}),
  };
}

/** What `set -U` keeps for all sessions. Source: the header that fish 3 and 4 write into the file, format 3.0. */
export function universalVariables(text: string): readonly FoundVariable[] {
  return text.split('\n').flatMap((row, index): FoundVariable[] => {
    const [, options = '', name = '', value = ''] = /^SETUVAR((?: --\w+)*) (\w+):(.*)$/.exec(row) ?? [];
    if (!isWatched(name)) return [];
    const reach = options.includes('--export') ? 'exported' : 'shell-only';
    const plain = value.replace(/\\x([0-9a-f]{2})/g, (_, code: string) =>
      String.fromCharCode(Number.parseInt(code, 16)),
    );
    return [{ name, value: new Secret(plain), line: index + 1, reach }];
  });
}
