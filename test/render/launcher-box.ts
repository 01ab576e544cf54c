import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { everythingTo } from '../../src/components/gateway/routing/profiles.ts';
import type { LauncherModels } from '../../src/components/launchers/environment.ts';
import { launcherScript } from '../../src/components/launchers/launchers.ts';
import { type LauncherName, type Layout, launcherNames, layoutFor } from '../../src/layout.ts';
import { put, type Ran, run, scratchDirectory } from './scratch.ts';

/** A cloud in front, and a local model that may fail over. */
export const models: LauncherModels = {
  routed: {
    main: 'claude-sonnet-4-6',
    slots: { opus: 'claude-opus-4-8', sonnet: 'claude-sonnet-4-6', haiku: 'local', fable: 'claude-sonnet-4-6' },
    subagents: undefined,
    localOnly: false,
  },
  local: everythingTo('local', false),
  contextWindow: 65_536,
};

/** Shows what it was started with, one entry per zero byte, so that line breaks in values cannot be mistaken. */
export const stub =
  '#!/bin/sh\nprintf "%s\\0" "$@" >"$OUT/args"; env -0 >"$OUT/env"; pwd >"$OUT/cwd"; cat >"$OUT/stdin"\n';

/** A home directory with every launcher, a client that shows what it was started with, and keys. */
export interface Machine {
  readonly layout: Layout;
  readonly keys: {
    readonly LITELLM_MASTER_KEY: string;
    readonly ANTHROPIC_DIRECT_KEY: string;
    readonly AZURE_API_KEY: string;
  };
}

/** Makes one, with launchers for these routes. */
export function machine(home = scratchDirectory(), routes: LauncherModels = models): Machine {
  const layout = layoutFor({ user: 'anna', uid: 1234, home });
  const key = (prefix: string): string => prefix + randomBytes(16).toString('hex');
  const keys = { LITELLM_MASTER_KEY: key('sk-'), ANTHROPIC_DIRECT_KEY: key('sk-ant-'), AZURE_API_KEY: key('az') };
  put(layout.claudeBinary, stub, 0o755);
  for (const name of launcherNames) put(layout.launchers[name], launcherScript(name, layout, routes), 0o755);
  secrets(
    layout,
    Object.entries(keys)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  );
  return { layout, keys };
}

/** Puts another text in the place of the secrets file. */
export function secrets(layout: Layout, text: string): void {
  put(layout.secretsFile, text, 0o600);
}

/** Starts a launcher with exactly this environment. */
export async function start(
  { layout }: Machine,
  name: LauncherName,
  options: { args?: readonly string[]; env?: Record<string, string>; cwd?: string; input?: string } = {},
): Promise<Ran & { env: ReadonlyMap<string, string>; args: readonly string[]; out: string }> {
  const out = scratchDirectory('out');
  const { args = [], env = {}, ...rest } = options;
  const ran = await run(layout.launchers[name], args, { ...rest, env: { OUT: out, ...env } });
  return { ...ran, out, args: entries(`${out}/args`), env: new Map(entries(`${out}/env`).map(pair)) };
}

function entries(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8').split('\0').slice(0, -1);
  } catch {
    return [];
  }
}

function pair(entry: string): [string, string] {
  const at = entry.indexOf('=');
  return [entry.slice(0, at), entry.slice(at + 1)];
}
