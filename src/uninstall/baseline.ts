import { createHash } from 'node:crypto';
import { basename, dirname } from 'node:path';
import * as z from 'zod';
import { newerProblem } from '../config/version.ts';
import { containerInspect } from '../docker-client/docker.ts';
import type { Command, Effect, Probe } from '../host/host.ts';
import { Secret } from '../host/secret.ts';
import { type Layout, launcherNames } from '../layout.ts';
import { type Problem, type Result, success } from '../problem.ts';
import { installedPackages } from '../resources/apt-packages.ts';
import { shellWord } from '../shell/word.ts';
import { isObject, parsedJson } from '../text/json.ts';

const noteVersion = 1;

const noted = z.object({
  /** Of the note; absent in those of 1.1.0. */
  version: z.number().optional(),
  /** Whether something was there. */
  places: z.record(z.string(), z.boolean()).default({}),
  /** Names in the client's own folders. */
  entries: z.record(z.string(), z.array(z.string()).readonly()).default({}),
  /** Texts of files that a program which we start edits. */
  texts: z.record(z.string(), z.string()).optional(),
  /** Debian packages that were installed. */
  packages: z.array(z.string()).optional(),
  timezone: z.string().optional(),
  /** Restart policy of a gateway that was made by hand. */
  restart: z.string().optional(),
});

/** What was there before the first installation, in the places that other programs make without telling this one. */
export type Baseline = Readonly<z.infer<typeof noted>>;

/** Folders of the home that programs make for themselves, innermost first. */
export function sharedFolders({ home, configDir, gatewayDir, requestLogDir, stateDir, ...layout }: Layout): string[] {
  const userUnits = `${home}/.config/systemd/user`;
  const inData = (name: string) => `${home}/.local/share/${name}`;
  return [
    requestLogDir,
    stateDir,
    configDir,
    gatewayDir,
    ...clientFolders({ home, ...layout }),
    ...[`${home}/.docker/contexts/meta`, `${home}/.docker/contexts/tls`, `${home}/.docker/contexts`, `${home}/.docker`],
    ...[`${userUnits}/default.target.wants`, `${userUnits}/timers.target.wants`, userUnits, `${home}/.config/systemd`],
    ...[`${home}/.config/fish`, `${home}/.config/mise`, `${home}/.config`, `${home}/.cache`],
    ...['bash-completion/completions', 'bash-completion', 'zsh/site-functions', 'zsh'].map(inData),
    ...['fish/vendor_completions.d', 'fish', 'man/man1', 'man'].map(inData),
    ...[`${home}/.local/share`, `${home}/.local/state`, layout.binDir, `${home}/.local`],
  ];
}

/** Folders of the system that are made for our files. */
export const systemFolders = ['/etc/nftables.d', '/etc/apt/keyrings'] as const;

/** The folders that Claude Code keeps about a person. */
export function clientFolders({
  home,
  routedConfigDir,
  apiConfigDir,
}: Pick<Layout, 'home' | 'routedConfigDir' | 'apiConfigDir'>): string[] {
  return [`${home}/.claude`, routedConfigDir, apiConfigDir];
}

/** The empty file by which sudo remembers that it has explained itself. */
export function sudoMark({ home }: Layout): string {
  return `${home}/.sudo_as_admin_successful`;
}

function places(layout: Layout): string[] {
  const { home, user } = layout;
  return [
    ...sharedFolders(layout),
    ...[...systemFolders, `/var/lib/systemd/linger/${user}`],
    ...[
      layout.bashrc,
      layout.zsh.start,
      layout.fish.start,
      layout.secretsFile,
      layout.routedSettings,
      sudoMark(layout),
      `${home}/.claude.json`,
    ],
    ...[layout.claudeBinary, layout.miseBinary, dockerSettings(layout), engineUnit(layout), engineData(layout)],
    ...launcherNames.map((name) => layout.launchers[name]),
  ];
}

/** The installer of Claude Code writes the chosen channel into the person's own settings. */
export function clientSettings({ home }: Pick<Layout, 'home'>): string {
  return `${home}/.claude/settings.json`;
}

/** Docker's client writes the chosen context in among the person's logins, and all of it anew. */
export function dockerSettings({ home }: Pick<Layout, 'home'>): string {
  return `${home}/.docker/config.json`;
}

/** Where Docker's client keeps the context that the rootless setup tool makes, and takes away. Source: docker/cli, context/store. */
export function rootlessContext({ home }: Pick<Layout, 'home'>): string {
  return `${home}/.docker/contexts/meta/${createHash('sha256').update('rootless').digest('hex')}/meta.json`;
}

function editedByOthers(layout: Layout): readonly string[] {
  return [clientSettings(layout), dockerSettings(layout), rootlessContext(layout)];
}

/** The unit by which the account's own engine runs. */
export function engineUnit({ home }: Layout): string {
  return `${home}/.config/systemd/user/docker.service`;
}

/** Images and containers of the account's own engine. */
export function engineData({ home }: Layout): string {
  return `${home}/.local/share/docker`;
}

/**
 * What an uninstallation left in its place is no more the person's own than it was before: folders, which only go when they
 * are empty, and the file of keys. A program may have been installed by hand since, so the rest is looked at anew.
 */
function stillOurs(layout: Layout, earlier: Baseline | undefined): Readonly<Record<string, boolean>> {
  const left = [...sharedFolders(layout), ...systemFolders, layout.secretsFile];
  return Object.fromEntries(left.flatMap((path) => (earlier?.places[path] === false ? [[path, false] as const] : [])));
}

/**
 * Folders that a run made which was cut off before it could note anything: ours is the one with nothing in it but the
 * traces of such a beginning, and so are those above it that hold nothing but each other.
 */
async function foldersBegun(probe: Probe, { home, stateDir }: Layout): Promise<readonly string[]> {
  const isTrace = (name: string): boolean =>
    /^(lock(\.|$)|journal\.jsonl$|before\.json\.|answers-so-far\.json)/.test(name);
  const begun: string[] = [];
  for (let path = stateDir, holds = isTrace; path.startsWith(`${home}/`); path = dirname(path)) {
    if ((await probe.stat(path)) === undefined || !(await probe.list(path)).every(holds)) break;
    begun.push(path);
    const made = basename(path);
    holds = (name) => name === made;
  }
  return begun;
}

/** Where the note is. */
export function notePath({ stateDir }: Layout): string {
  return `${stateDir}/before.json`;
}

/** The note that the first installation makes before it changes anything; undefined where something is installed already. A problem where the machine does not tell what an uninstallation must know. */
export async function noteBefore(probe: Probe, layout: Layout): Promise<Result<Effect | undefined>> {
  if ((await probe.stat(layout.savedAnswers)) !== undefined) return success(undefined);
  const policy = '{{.HostConfig.RestartPolicy.Name}}';
  const [found, entries, texts, packages, timezone, restart] = await Promise.all([
    Promise.all(places(layout).map(async (path) => [path, (await probe.stat(path)) !== undefined] as const)),
    Promise.all(clientFolders(layout).map(async (path) => [path, await probe.list(path)] as const)),
    Promise.all(editedByOthers(layout).map(async (path) => [path, await probe.readFile(path)] as const)),
    installedPackages(probe),
    timezoneOf(probe),
    said(probe, containerInspect(layout, layout.containerName, policy)),
  ]);
  if (!packages.ok) return packages;
  const earlier = await readBefore(probe, layout);
  const begun = earlier === undefined ? await foldersBegun(probe, layout) : [];
  const before: Baseline = {
    version: noteVersion,
    places: {
      ...Object.fromEntries(found),
      ...Object.fromEntries(begun.map((path) => [path, false] as const)),
      ...stillOurs(layout, earlier),
    },
    entries: Object.fromEntries(entries),
    texts: Object.fromEntries(texts.flatMap(([path, text]) => (text === undefined ? [] : [[path, text] as const]))),
    packages: earlier?.packages ?? [...packages.value],
    ...(timezone === undefined ? {} : { timezone: earlier?.timezone ?? timezone }),
    ...(restart === undefined ? {} : { restart }),
  };
  // A person may keep a key in one of the texts.
  const content = new Secret(`${JSON.stringify(before)}\n`);
  return success({ do: 'write', path: notePath(layout), content, mode: 0o600, disposable: true });
}

async function said(probe: Probe, command: Command): Promise<string | undefined> {
  const { exitCode, stdout } = await probe.query(command);
  return exitCode === 0 ? stdout.trim() : undefined;
}

/** Without the time zone of before an uninstallation could not bring it back; timedatectl, when it answers nothing, reads it from this very link. */
async function timezoneOf(probe: Probe): Promise<string | undefined> {
  const told = await said(probe, { file: 'timedatectl', args: ['show', '-p', 'Timezone', '--value'] });
  if (told !== undefined) return told;
  const { link = '' } = (await probe.stat('/etc/localtime').catch(() => undefined)) ?? {};
  return /\/zoneinfo\/(.+)$/.exec(link)?.[1];
}

/** The note as it was made; undefined where there is none, or none that can be read. */
export async function readBefore(probe: Probe, layout: Layout): Promise<Baseline | undefined> {
  return noted.safeParse(parsedJson((await probe.readFile(notePath(layout))) ?? '')).data;
}

/** Why a note cannot be used: a newer version made it, or its shape is none of ours. */
export function noteProblem(path: string, text: string | undefined): Problem | undefined {
  if (text === undefined) return undefined;
  const note = parsedJson(text);
  const newer = newerProblem(path, isObject(note) ? note['version'] : undefined, noteVersion);
  if (newer !== undefined) return newer;
  const read = noted.safeParse(note);
  if (read.success) return undefined;
  const part = read.error.issues[0]?.path[0];
  return {
    code: 'file-unreadable',
    problem: `${path} is not a record of what was there before the installation${part === undefined ? '' : `: its ${String(part)} has the wrong shape`}`,
    fix: `bring back the right one, or go on without it, so that the journal and marks decide what was there:  mv ${shellWord(path)} ${shellWord(`${path}.unreadable`)}`,
  };
}

/** True and false where it is known; undefined where it is not. */
export function wasThere(before: Baseline | undefined, path: string): boolean | undefined {
  return before?.places[path];
}
