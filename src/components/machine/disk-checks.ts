import type { Check, CheckContext, CheckFinding, Words } from '../../checks/check.ts';
import { startFinding } from '../../checks/machine.ts';
import { ask, docker } from '../../docker-client/docker.ts';
import type { CheckResult } from '../../engine/step.ts';
import { unescaped } from '../../host/files/mounts.ts';
import type { Probe } from '../../host/host.ts';
import type { Layout } from '../../layout.ts';
import { problemOf } from '../../problem.ts';
import { imageGone } from '../../resources/container.ts';
import { shellWord } from '../../shell/word.ts';
import { gatewayImage, parseImageReference } from '../gateway/image.ts';

/** Megabytes that must be free: for an image and the logs of sessions, and where only drafts and records are written. */
const neededMegabytes = { data: 1024, records: 50 } as const;
/** How many files there must be room for. The gateway's image has some ten thousand. */
const neededFiles = { data: 20_000, records: 50 } as const;

export const disk: Check = {
  id: 'disk',
  about: 'the disks of the home, of our own folders, of Docker’s data, / and /tmp have room and can be written to',
  on: 'machine',
  look: async (examination) => {
    const { probe, layout } = examination;
    const { home, configDir, gatewayDir, stateDir, binDir } = layout;
    const folders = ['/', home, '/tmp', dockerData(home), configDir, gatewayDir, stateDir, binDir];
    const there = await Promise.all(folders.map(async (path) => (await statOf(probe, path)) !== undefined));
    const args = ['--output=avail,itotal,iavail,target', '-BM', ...folders.filter((_, index) => there[index])];
    const disks = disksIn((await probe.query({ file: 'df', args })).stdout);
    const mounts = (await probe.readFile('/proc/mounts')) ?? '';
    const sealed = readOnlyAmong(disks, mounts);
    const open = disks.filter((one) => !sealed.includes(one));
    const full = open.filter((one) => one.megabytes < needed(one, home));
    const unused = full.some((one) => needed(one, home) === neededMegabytes.data)
      ? await unusedImages(examination)
      : [];
    return [
      ...nothingStarts(startFinding(binDir, mounts)),
      ...sealed.map(readOnly),
      ...full.map((one) => nearlyFull(one, unused, layout)),
      ...crowdedAmong(open, home).map(manyFiles),
    ];
  },
};

function dockerData(home: string): string {
  return `${home}/.local/share/docker`;
}

/** A folder of somebody else's is another check's business. */
async function statOf(probe: Probe, path: string): Promise<object | undefined> {
  return await probe.stat(path).catch(() => undefined);
}

export interface Disk {
  /** Where it is mounted. */
  readonly place: string;
  /** What is free. */
  readonly megabytes: number;
  /** How many files there is room for; undefined if the file system does not count them. */
  readonly files?: number;
}

/** The file systems in what `df --output=avail,itotal,iavail,target -BM` printed, each once. */
export function disksIn(df: string): readonly Disk[] {
  const rows = df.split('\n').flatMap((line) => {
    const [, megabytes, total, files, place] = /^\s*(\d+)M\s+(\d+|-)\s+(\d+|-)\s+(\S.*?)\s*$/.exec(line) ?? [];
    if (megabytes === undefined || place === undefined) return [];
    return [{ place, megabytes: Number(megabytes), ...(Number(total) > 0 ? { files: Number(files) } : {}) }];
  });
  return [...new Map(rows.map((row) => [row.place, row])).values()];
}

/** How much has to be free: little on a separate disk for /tmp or for a folder that holds none of Docker’s data. */
export function needed({ place }: Pick<Disk, 'place'>, home: string, least: Least = neededMegabytes): number {
  const ofOwn = place.startsWith(`${home}/`) && !`${dockerData(home)}/`.startsWith(`${place}/`);
  return place === '/tmp' || ofOwn ? least.records : least.data;
}

type Least = Readonly<Record<'data' | 'records', number>>;

/** Those that can only be read, by the text of /proc/mounts: the last line for a place is what is mounted there. Source: proc(5). */
export function readOnlyAmong(disks: readonly Disk[], mounts: string): readonly Disk[] {
  const options = new Map(
    mounts
      .split('\n')
      .map((line) => line.split(' '))
      .map(([, at = '', , how = '']) => [unescaped(at), how]),
  );
  return disks.filter(({ place }) => options.get(place)?.split(',').includes('ro') === true);
}

function nothingStarts(found: CheckResult): readonly CheckFinding[] {
  if (found.status !== 'stop') return [];
  const evidence = [{ path: '/proc/mounts', text: 'noexec' }];
  return [{ symptom: 'Permission denied, or command not found: claude-local', ...problemOf(found), evidence }];
}

function readOnly({ place }: Disk): CheckFinding {
  return {
    symptom: 'Read-only file system',
    code: 'disk-read-only',
    problem: `what is mounted at ${place} is read-only`,
    evidence: [{ path: '/proc/mounts', text: `${place}: ro` }],
    fix: `see why:  sudo dmesg | tail  and, if its disk is healthy:  sudo mount -o remount,rw ${shellWord(place)}`,
  };
}

function nearlyFull({ place, megabytes }: Disk, unused: readonly string[], layout: Layout): CheckFinding {
  const words: Words = {
    symptom: 'No space left on device',
    code: 'disk-nearly-full',
    problem: `only ${megabytes} MB are free on ${place}`,
    evidence: [
      { path: place, text: `df: ${megabytes} MB available` },
      ...unused.map((image) => ({ text: `docker images: nothing uses ${image}` })),
    ],
  };
  if (unused.length > 0 && needed({ place }, layout.home) === neededMegabytes.data)
    return {
      ...words,
      fixWith: unused.map((image) => imageGone(layout, `unused-image:${image}`, `unused image ${image}`, image)),
    };
  return {
    ...words,
    fix: `see what takes the space, and remove what you do not need:  du -xh --max-depth=2 ${shellWord(place)} 2>/dev/null | sort -h | tail`,
  };
}

/** Those that have no room for as many files as are needed there. */
export function crowdedAmong(disks: readonly Disk[], home: string): readonly Disk[] {
  return disks.filter((one) => (one.files ?? Number.POSITIVE_INFINITY) < needed(one, home, neededFiles));
}

function manyFiles({ place, files }: Disk): CheckFinding {
  const where = shellWord(place);
  return {
    symptom: 'No space left on device, although there are megabytes',
    code: 'disk-nearly-full',
    problem: `there is room for only ${files} more files on ${place}`,
    evidence: [{ path: place, text: `df -i: ${files} inodes free` }],
    fix: `see where they are, and remove what you do not need:  sudo du -x --inodes ${where} 2>/dev/null | sort -n | tail`,
  };
}

/** Gateway images that no container uses, no file of ours names, and no update kept under a name of ours to go back to. */
async function unusedImages({ probe, layout }: CheckContext): Promise<readonly string[]> {
  const listed = async (...args: readonly string[]) => (await ask(probe, docker(layout, args))).said;
  const repository = parseImageReference(gatewayImage)?.repository ?? gatewayImage;
  const [images, used, forReturn, kept] = await Promise.all([
    listed('images', '--no-trunc', '--format', '{{.Repository}}:{{.Tag}} {{.Digest}} {{.ID}}', repository),
    listed('ps', '-a', '--no-trunc', '--format', '{{.Image}}'),
    listed('images', '--no-trunc', '--format', '{{.ID}}', 'claude-routing/*'),
    keptTexts(probe, layout),
  ]);
  return imagesNobodyNeeds(images, [used, forReturn, kept].join('\n'));
}

async function keptTexts(probe: Probe, { composeFile, savedAnswers, stateDir }: Layout): Promise<string> {
  const names = (await probe.list(stateDir)).filter((name) => !/^(journal|lock|proven)/.test(name));
  const paths = [composeFile, savedAnswers, ...names.map((name) => `${stateDir}/${name}`)];
  const texts = await Promise.all(paths.map(async (path) => await probe.readFile(path)));
  return texts.map((text) => text ?? '').join('\n');
}

/** Images of `docker images` (name, digest, id in a row) of which neither name nor digest nor id stands in `named`. */
export function imagesNobodyNeeds(images: string, named: string): readonly string[] {
  return images.split('\n').flatMap((row) => {
    const [name, digest, id] = row.trim().split(' ');
    if (name === undefined || digest === undefined || id === undefined) return [];
    const shown = name.endsWith(':<none>') ? id : name;
    const marks = [shown, digest, id].filter((mark) => mark !== '<none>');
    return marks.some((mark) => named.includes(mark)) || name === gatewayImage ? [] : [shown];
  });
}
