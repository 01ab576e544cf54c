import type { Probe } from '../../host/host.ts';
import { clientFolders } from '../../uninstall/baseline.ts';
import type { Removal } from '../../uninstall/removal.ts';

/** What Claude Code writes by itself when it is installed, examined and asked one question without a session. Seen with 2.1.330. */
const unaided: readonly RegExp[] = [
  /^backups\/\.claude\.json\.backup\.\d+$/,
  /^cache\/[\w.-]+\.json$/,
  /^downloads\/claude-[\w.-]+$/,
  /^plugins\/store\/cc-plugin-[\w-]+_builtin-[0-9a-f]+\.json$/,
  /^telemetry\/[\w.-]+\.json$/,
];

/** Keys of .claude.json that it sets by itself; any other one may be a person's. */
const unaidedKey =
  /^(installMethod|autoUpdates|autoUpdatesProtectedForNative|firstStartTime|firstStartVersion|machineID|userID|migrationVersion|\w*MigrationComplete|hasReset\w+|seenNotifications|pluginUsage)$/;

/** Whether a file that the client left has nothing of a person in it. `path` is the one below its folder. */
export function isUnaided(path: string, text: string | undefined): boolean {
  if (path === '.claude.json') return keysOf(text)?.every((key) => unaidedKey.test(key)) === true;
  if (path === 'settings.json') return keysOf(text)?.join() === 'autoUpdatesChannel';
  return unaided.some((pattern) => pattern.test(path));
}

function keysOf(text: string | undefined): readonly string[] | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : undefined;
  } catch {
    return undefined;
  }
}

/** One of the client's folders: what came into it since and holds nothing of a person, or that something does. */
export interface Leftovers {
  readonly folder: string;
  readonly unaided: readonly string[];
  readonly personal: boolean;
}

/** What the client left in its folders since the first installation. */
export async function leavings(removal: Removal, probe: Probe): Promise<readonly Leftovers[]> {
  return await Promise.all(clientFolders(removal.layout).map(async (folder) => await inFolder(removal, folder, probe)));
}

async function inFolder({ before, layout }: Removal, folder: string, probe: Probe): Promise<Leftovers> {
  const known = before?.entries[folder];
  const names = (await probe.list(folder)).filter((name) => known?.includes(name) !== true);
  // The settings of the launchers are a step's own business.
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
  // Whoever makes a link there means something by it.
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
