import { Secret } from '../host/secret.ts';
import { fishLines, fishSettings } from '../shell/fish-lines.ts';
import { given } from '../text/json.ts';
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
    ...given({ within }),
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

/** The watched variables of a file with one NAME=value a line: /etc/environment, environment.d, the secrets file. */
export function lineVariables(text: string): readonly FoundVariable[] {
  return text.split('\n').flatMap((line, index) => {
    const match = /^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)=(.*)$/.exec(line.replace(/\r$/, ''));
    return match === null ? [] : foundIn(match[1] ?? '', match[2] ?? '', index + 1);
  });
}

/** Those of ~/.pam_environment, which may also say NAME DEFAULT=value or NAME OVERRIDE=value. */
export function pamVariables(text: string): readonly FoundVariable[] {
  const spelt = /^[ \t]*([A-Za-z_]\w*)[ \t]+(?:DEFAULT|OVERRIDE)=(.*?)(?:[ \t]+(?:DEFAULT|OVERRIDE)=.*)?$/;
  const plain = text.split('\n').map((line) => line.replace(spelt, '$1=$2'));
  return lineVariables(plain.join('\n'));
}

/** Those that `systemctl --user show-environment` prints; it writes what has odd characters in it as $'…'. */
export function managerVariables(stdout: string): readonly FoundVariable[] {
  return lineVariables(stdout.replace(/^(\w+=)\$(?=')/gm, '$1')).map(({ line: _, ...found }) => found);
}

/** Those of the shell that this program was called from. */
export function shellEnvironmentVariables(
  environment: Readonly<Record<string, string | undefined>>,
): readonly FoundVariable[] {
  return Object.entries(environment).flatMap(([name, value]) =>
    value !== undefined && isWatched(name) ? [{ name, value: new Secret(value) }] : [],
  );
}

function foundIn(name: string, written: string, line: number): readonly FoundVariable[] {
  if (!isWatched(name)) return [];
  const quoted = /^\s*(?:"([^"]*)"|'([^']*)')/.exec(written);
  const value = quoted?.[1] ?? quoted?.[2] ?? written.replace(/\s+#.*$/, '').trim();
  return [{ name, value: new Secret(value), line, ...(/\$\{?\w/.test(value) ? { unexpanded: true as const } : {}) }];
}
