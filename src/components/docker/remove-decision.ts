import { inputsLabel } from '../../docker-client/container.ts';
import { ask, docker, fileLabel, projectLabel } from '../../docker-client/docker.ts';
import { commandsRun } from '../../engine/action-log.ts';
import type { Probe } from '../../host/host.ts';
import { drillFile, type Layout } from '../../layout.ts';
import { engineUnit, wasThere } from '../../uninstall/baseline.ts';
import { hasJournal, imagesPulled } from '../../uninstall/provenance.ts';
import type { Removal } from '../../uninstall/removal.ts';

/** Whether the account's own engine is removed, and if it stays, why. */
type EngineDecision = 'goes' | 'gone' | { readonly stays: string; readonly ours: boolean };

/** The engine is removed if it was set up here and holds nothing of anybody else's. */
export async function engineDecision(removal: Removal, probe: Probe): Promise<EngineDecision> {
  if ((await probe.stat(engineUnit(removal.layout))) === undefined) return 'gone';
  if (!wasSetUpHere(removal))
    return { stays: 'it was there before, or nothing says that it came with us', ours: false };
  const strangers = await foreignThings(removal, probe);
  if (strangers === undefined) return { stays: 'it does not answer, so what it holds is not known', ours: true };
  return strangers.length === 0 ? 'goes' : { stays: `it holds ${strangers.join(', ')}`, ours: true };
}

/** Whether an engine of another account, or of root, runs here: it needs the packages that came with this one. */
export async function othersHaveEngines(probe: Probe, { uid }: Layout): Promise<boolean> {
  const { stdout } = await probe.query({ file: 'pgrep', args: ['--exact', 'dockerd'] });
  const processes = stdout.split('\n').filter((pid) => pid !== '');
  const owners = await Promise.all(processes.map(async (pid) => (await probe.stat(`/proc/${pid}`))?.uid));
  return owners.some((owner) => owner !== undefined && owner !== uid);
}

/** Whether any engine still needs the packages that came with us: the account's own, if it stays, or somebody else's. */
export async function enginesStay(removal: Removal, probe: Probe): Promise<boolean> {
  if (await othersHaveEngines(probe, removal.layout)) return true;
  return typeof (await engineDecision(removal, probe)) === 'object';
}

/** The last word of the setup tool was "install", and there was no engine before the first. */
function wasSetUpHere({ before, history, layout }: Removal): boolean {
  const there = wasThere(before, engineUnit(layout));
  if (there === true) return false;
  if (!hasJournal(history)) return there === false;
  const last = commandsRun(history, 'dockerd-rootless-setuptool.sh').at(-1);
  return last?.args.at(-1) === 'install';
}

/** Whether the engine's data are of an engine that was set up here, now or once. */
export function dataIsOurs({ before, history, layout }: Removal, engine: EngineDecision): boolean {
  if (typeof engine === 'object' || wasThere(before, engineUnit(layout)) === true) return false;
  if (!hasJournal(history)) return wasThere(before, engineUnit(layout)) === false;
  return commandsRun(history, 'dockerd-rootless-setuptool.sh').some(({ args }) => args.at(-1) === 'install');
}

/** Containers, images, volumes and networks that did not come with us; undefined when the engine does not answer. */
async function foreignThings({ layout, history }: Removal, probe: Probe): Promise<readonly string[] | undefined> {
  const listed = async (args: readonly string[]) => await ask(probe, docker(layout, args));
  const [containers, images, volumes, networks] = await Promise.all([
    listed(['ps', '--all', '--format', `{{.Names}}\t{{.Label "${inputsLabel}"}}\t{{.Label "${fileLabel}"}}`]),
    listed(['image', 'ls', '--format', '{{.Repository}}']),
    listed(['volume', 'ls', '--format', '{{.Name}}']),
    listed(['network', 'ls', '--filter', 'type=custom', '--format', `{{.Name}}\t{{.Label "${projectLabel}"}}`]),
  ]);
  if (![containers, images, volumes, networks].every(({ answers }) => answers)) return undefined;
  const known = knownRepositories(imagesPulled(history));
  return [
    ...named(
      'the container',
      othersIn(containers.said, ([, inputs = '', file]) => inputs !== '' || file === drillFile(layout)),
    ),
    ...named(
      'the image',
      rows(images.said).filter((name) => !known.includes(name)),
    ),
    ...named('the volume', rows(volumes.said)),
    // Compose recreates its own networks; nobody recreates other people's.
    ...named(
      'the network',
      othersIn(networks.said, ([, project = '']) => project !== ''),
    ),
  ];
}

/** Names of the rows that are not ours: a name alone does not tell who made the thing. */
function othersIn(said: string, isOurs: (columns: readonly string[]) => boolean): readonly string[] {
  const columns = rows(said).map((row) => row.split('\t'));
  return columns.filter((row) => !isOurs(row)).map(([name = '']) => name);
}

/** Without tags and digests. The gateway's own is known without a journal, too. */
function knownRepositories(references: readonly string[]): readonly string[] {
  const own = ['hello-world', 'ghcr.io/berriai/litellm', 'claude-routing/previous-gateway'];
  return [...own, ...references.map((reference) => reference.replace(/@.*$/, '').replace(/:[^:/]*$/, ''))];
}

function rows(text: string): readonly string[] {
  return [...new Set(text.split('\n').filter((row) => row !== ''))];
}

function named(kind: string, names: readonly string[]): readonly string[] {
  return names.map((name) => `${kind} ${name}`);
}
