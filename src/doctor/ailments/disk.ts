import type { Probe } from '../../host/host.ts';
import type { Layout } from '../../layout.ts';
import { gatewayImage, parseImageReference } from '../../render/gateway-image.ts';
import type { Resource } from '../../resources/resource.ts';
import { type Ailment, byHand, type Found, mended } from '../ailment.ts';
import type { Examination } from '../examination.ts';

/** Megabytes that must be free: for logs and a session in a home, for a draft in /tmp. */
const neededMegabytes = { elsewhere: 1024, tmp: 50 } as const;

export const disk: Ailment = {
  id: 'disk',
  about: 'free space in the home, in Docker’s data, on / and in /tmp',
  on: 'machine',
  look: async (examination) => {
    const { probe, layout } = examination;
    const folders = ['/', layout.home, '/tmp', `${layout.home}/.local/share/docker`];
    const there = await Promise.all(folders.map(async (path) => (await probe.stat(path)) !== undefined));
    const args = ['--output=avail,target', '-BM', ...folders.filter((_, index) => there[index])];
    const full = fullPlaces((await probe.query({ file: 'df', args })).stdout);
    const unused = full.some(({ place }) => place !== '/tmp') ? await unusedImages(examination) : [];
    return full.map((place) => nearlyFull(place, unused, layout));
  },
};

export interface FullPlace {
  readonly place: string;
  readonly megabytes: number;
}

/** The file systems with too little space in what `df --output=avail,target -BM` printed, each once. */
export function fullPlaces(df: string): readonly FullPlace[] {
  const rows = df.split('\n').flatMap((line) => {
    const [, megabytes, place] = /^\s*(\d+)M\s+(\S+)\s*$/.exec(line) ?? [];
    return megabytes === undefined || place === undefined ? [] : [{ place, megabytes: Number(megabytes) }];
  });
  const full = rows.filter(
    ({ place, megabytes }) => megabytes < (place === '/tmp' ? neededMegabytes.tmp : neededMegabytes.elsewhere),
  );
  return [...new Map(full.map((row) => [row.place, row])).values()];
}

function nearlyFull({ place, megabytes }: FullPlace, unused: readonly string[], layout: Layout): Found {
  const words = {
    symptom: 'No space left on device',
    problem: `only ${megabytes} MB are free on ${place}`,
    evidence: [
      { path: place, text: `df: ${megabytes} MB available` },
      ...unused.map((image) => ({ text: `docker images: ${image} is used by nothing` })),
    ],
  };
  if (unused.length > 0 && place !== '/tmp')
    return mended(
      'disk',
      words,
      unused.map((image) => removedImage(image, layout)),
    );
  return byHand(
    'disk',
    words,
    `see what takes the space, and remove what you can spare:  du -xh --max-depth=2 ${place} 2>/dev/null | sort -h | tail`,
  );
}

/** Gateway images that no container was made from and no file of ours names: an update keeps the one to return to in such a file. */
async function unusedImages({ probe, layout }: Examination): Promise<readonly string[]> {
  const docker = async (args: readonly string[]) =>
    (await probe.query({ file: 'docker', args, env: layout.sessionEnv })).stdout;
  const repository = parseImageReference(gatewayImage)?.repository ?? gatewayImage;
  const [images, used, kept] = await Promise.all([
    docker(['images', '--no-trunc', '--format', '{{.Repository}}:{{.Tag}} {{.Digest}} {{.ID}}', repository]),
    docker(['ps', '-a', '--no-trunc', '--format', '{{.Image}}']),
    keptTexts(probe, layout),
  ]);
  return imagesNobodyNeeds(images, `${used}\n${kept}`);
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

function removedImage(image: string, { sessionEnv }: Layout): Resource {
  return {
    kind: 'script',
    title: `unused image ${image}`,
    inspect: async (probe) => {
      const args = ['image', 'inspect', '-f', '{{.Id}}', image];
      const { exitCode } = await probe.query({ file: 'docker', args, env: sessionEnv });
      return exitCode === 0 ? { needed: `remove ${image}, which nothing uses` } : { satisfied: 'gone' };
    },
    effects: [
      { do: 'run', why: `remove ${image}`, command: { file: 'docker', args: ['image', 'rm', image], env: sessionEnv } },
    ],
  };
}
