import type { RecordedCommand } from '../../engine/action-log.ts';
import type { Kept } from '../../engine/event.ts';
import type { Probe } from '../../host/host.ts';
import { isDamaged } from '../../resources/file.ts';
import type { Resource } from '../../resources/resource.ts';
import { shellWord } from '../../shell/word.ts';
import { isObject, parsedJson, withoutMark } from '../../text/json.ts';
import { clientFolders, clientSettings, wasThere } from '../../uninstall/baseline.ts';
import { hidden } from '../../uninstall/former-file.ts';
import { isOurs } from '../../uninstall/provenance.ts';
import { existing, type Removal, type RemovalStep, treesGone } from '../../uninstall/removal.ts';
import { fetchAheadName } from './signed-release.ts';

export const claudeCode: RemovalStep = {
  id: 'claude-code',
  title: 'Claude Code',
  guidePhase: 'phase 5',
  why: 'The client goes if it came with us. Your login, settings and conversations are yours and stay.',
  undoes: ['claude-code'],
  resources: async (removal, probe) => {
    const left = (await leavings(removal, probe)).flatMap(({ unaided }) => unaided);
    const account = await accountFile(removal, probe);
    return [
      ...(installedHere(removal) ? [treesGone('claude-code', 'Claude Code', programPaths(removal))] : []),
      ...(await channelGone(removal, probe)),
      treesGone('traces-of-the-first-start', 'traces of its first start', [
        ...left,
        ...(account === 'unaided' ? [accountPath(removal)] : []),
      ]),
    ];
  },
  kept: async (removal, probe) => [...(await clientKept(removal, probe)), ...(await personalKept(removal, probe))],
};

/** The former text, if the channel is all that was added to it. */
async function channelGone({ before, layout }: Removal, probe: Probe): Promise<readonly Resource[]> {
  const path = clientSettings(layout);
  const [former, text, stat] = [before?.texts?.[path], await probe.readFile(path), await probe.stat(path)];
  if (former === undefined || text === undefined || stat === undefined || text === former) return [];
  if (isDamaged(former) || !differsInChannel(former, text)) return [];
  const about = { kind: 'file', id: 'your-client-settings', path, keepMode: true, disposable: true } as const;
  return [hidden({ ...about, mode: stat.mode, content: former })];
}

/** Whether two settings say the same but for the channel of updates. */
export function differsInChannel(former: string, now: string): boolean {
  const without = (text: string): string => {
    const { autoUpdatesChannel: _channel, ...rest } = JSON.parse(withoutMark(text)) as Readonly<
      Record<string, unknown>
    >;
    return JSON.stringify(rest);
  };
  try {
    return without(former) === without(now);
  } catch {
    return false;
  }
}

function installedHere(removal: Removal): boolean {
  return isOurs(removal, removal.layout.claudeBinary, bringsClaudeCode);
}

/** Releases up to 1.1 ran the vendor's own script unchecked. */
function bringsClaudeCode({ program, args, download }: RecordedCommand): boolean {
  const signed = program === 'bash' && args.slice(0, 3).join(' ') === '-s -- claude-code';
  const ahead = program === 'bash' && args[2] === fetchAheadName;
  return signed || ahead || download === 'https://claude.ai/install.sh';
}

function programPaths({ layout: { home, claudeBinary } }: Removal): readonly string[] {
  return [claudeBinary, `${home}/.local/share/claude`, `${home}/.local/state/claude`, `${home}/.cache/claude`];
}

function accountPath({ layout }: Removal): string {
  return `${layout.home}/.claude.json`;
}

async function accountFile(removal: Removal, probe: Probe): Promise<'absent' | 'unaided' | 'personal'> {
  const text = await probe.readFile(accountPath(removal));
  if (text === undefined) return 'absent';
  const isNew = wasThere(removal.before, accountPath(removal)) === false;
  return isNew && isUnaided('.claude.json', text) ? 'unaided' : 'personal';
}

async function clientKept(removal: Removal, probe: Probe): Promise<readonly Kept[]> {
  const [binary] = await existing(probe, [removal.layout.claudeBinary]);
  if (binary === undefined || installedHere(removal) || wasThere(removal.before, binary) === true) return [];
  return [
    {
      what: 'Claude Code',
      why: 'nothing says that it came with this program',
      command: `rm -rf ${programPaths(removal).slice(0, 2).map(shellWord).join(' ')}`,
    },
  ];
}

/** Something new that may be the person's. */
async function personalKept(removal: Removal, probe: Probe): Promise<readonly Kept[]> {
  const folders = (await leavings(removal, probe)).filter(({ personal }) => personal).map(({ folder }) => folder);
  const account = (await accountFile(removal, probe)) === 'personal' ? [accountPath(removal)] : [];
  const known = [...folders, ...account].filter(
    (path) => wasThere(removal.before, path) !== true || folders.includes(path),
  );
  return known.map((path) => ({
    what: path,
    why: 'your settings, login and conversations of Claude Code may be in it',
    // What was there before us comes with no command for removing it.
    ...(wasThere(removal.before, path) === true ? {} : { command: `rm -r ${shellWord(path)}` }),
  }));
}

/** What Claude Code writes by itself when it is installed, examined and asked one question without a session. Seen with 2.1.330. */
const unaided: readonly RegExp[] = [
  /^backups\/\.claude\.json\.backup\.\d+$/,
  /^cache\/[\w.-]+\.json$/,
  /^downloads\/claude-[\w.-]+$/,
  /^plugins\/store\/cc-plugin-[\w-]+_builtin-[0-9a-f]+\.json$/,
  /^telemetry\/[\w.-]+\.json$/,
];

/** Keys of .claude.json that it sets by itself, and the one that the launchers' step sets; any other may be the person's. */
const unaidedKey =
  /^(installMethod|autoUpdates|autoUpdatesProtectedForNative|firstStartTime|firstStartVersion|hasCompletedOnboarding|machineID|userID|migrationVersion|\w*MigrationComplete|hasReset\w+|seenNotifications|pluginUsage)$/;

/** Whether a file that the client left has nothing of the person's in it. `path` is relative to its folder. */
export function isUnaided(path: string, text: string | undefined): boolean {
  if (path === '.claude.json') return keysOf(text)?.every((key) => unaidedKey.test(key)) === true;
  if (path === 'settings.json') return keysOf(text)?.join() === 'autoUpdatesChannel';
  return unaided.some((pattern) => pattern.test(path));
}

function keysOf(text: string | undefined): readonly string[] | undefined {
  const value = parsedJson(text ?? '');
  return isObject(value) ? Object.keys(value) : undefined;
}

/** One of the client's folders: what was added to it since and holds nothing of the person's, or the fact that something does. */
interface Leftovers {
  readonly folder: string;
  readonly unaided: readonly string[];
  readonly personal: boolean;
}

/** What the client left in its folders since the first installation. */
async function leavings(removal: Removal, probe: Probe): Promise<readonly Leftovers[]> {
  return await Promise.all(clientFolders(removal.layout).map(async (folder) => await inFolder(removal, folder, probe)));
}

async function inFolder({ before, layout }: Removal, folder: string, probe: Probe): Promise<Leftovers> {
  const known = before?.entries[folder];
  const names = (await probe.list(folder)).filter((name) => known?.includes(name) !== true);
  // The launchers' settings are their own step's business.
  const others = names.filter((name) => `${folder}/${name}` !== layout.routedSettings);
  if (known === undefined) return { folder, unaided: [], personal: others.length > 0 };
  const judged = await Promise.all(others.map(async (name) => await nothingPersonal(probe, folder, name)));
  const personal = judged.includes(false);
  return { folder, personal, unaided: personal ? [] : others.map((name) => `${folder}/${name}`) };
}

/** Folders are judged by what is in them: an empty one says nothing. */
async function nothingPersonal(probe: Probe, folder: string, path: string): Promise<boolean> {
  const whole = `${folder}/${path}`;
  const { kind, link } = (await probe.stat(whole)) ?? {};
  // Whoever made a link there meant something by it.
  if (link !== undefined) return false;
  if (kind === 'file') {
    const read = path.endsWith('.json') && !path.includes('/');
    return isUnaided(path, read ? await probe.readFile(whole) : undefined);
  }
  if (kind !== 'directory') return false;
  const inside = await probe.list(whole);
  const judged = await Promise.all(inside.map(async (name) => await nothingPersonal(probe, folder, `${path}/${name}`)));
  return !judged.includes(false);
}
