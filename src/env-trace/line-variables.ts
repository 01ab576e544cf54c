import { Secret } from '../host/secret.ts';
import type { FoundVariable } from './settings-variables.ts';
import { isWatched } from './watched-variables.ts';

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
