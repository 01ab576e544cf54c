import { inputsLabel, readContainer } from '../docker-client/container.ts';
import { containerInspect } from '../docker-client/docker.ts';
import type { Probe } from '../host/host.ts';
import { revealed } from '../host/secret.ts';
import { inspectFile, planFile } from '../resources/file.ts';
import { planResource } from '../resources/plan-resource.ts';
import {
  type ContainerResource,
  type FileResource,
  type Plan,
  type Resource,
  type SystemdUnitResource,
  titleOf,
} from '../resources/resource.ts';
import { inspectSystemdUnit } from '../resources/systemd-unit.ts';
import { messageOf } from '../text/said.ts';
import { type ActionLog, lastWritten, sha256 } from './action-log.ts';
import type { Step } from './step.ts';

/** How the machine compares with what a resource wants. */
export type DriftState =
  | 'as-wanted'
  /** Its text is not what this program wrote last; who changed it cannot be known. */
  | 'changed-here'
  /** Untouched since it was written; the answers or the program have changed. */
  | 'wanted-otherwise'
  /** Changed here, and what is wanted has changed, too, since it was written. */
  | 'both'
  | 'missing'
  /** Should not be there. */
  | 'extra'
  /** The text is right, its mode is not. */
  | 'mode-differs'
  /** Something is in the place of ours, and this program never wrote it. */
  | 'never-written'
  /** A live object (container, unit, package, tool) is not as wanted. */
  | 'not-as-wanted'
  /** Not known now, e.g. because the engine does not answer. */
  | 'unknown';

/** The comparison of one file or object: as last written, as it is, as wanted; a short hash or words. */
export interface Compared {
  /** Id of the step that wants it. */
  readonly step: string;
  /** Of the resource; a step that could not say what it wants has its own id here. */
  readonly id: string;
  readonly title: string;
  readonly kind: Resource['kind'];
  readonly state: DriftState;
  readonly path?: string;
  readonly written?: string;
  readonly now?: string;
  readonly wanted?: string;
  /** When the file was last changed, ISO 8601. */
  readonly changedAt?: string;
  /** Anything more to say, e.g. why it is not known. */
  readonly note?: string;
}

/** A text by its SHA-256, with its mode where that matters. */
interface Version {
  readonly hash: string;
  readonly mode?: number;
}

/** The three versions of a file. `shared`: others write to it, too, and only a part of it is ours. */
export interface Versions {
  readonly written: string | undefined;
  readonly now: Version | undefined;
  readonly wanted: Version | undefined;
  readonly shared: boolean;
}

/** What the three versions of a file say. */
export function fileState({ written, now, wanted, shared }: Versions): DriftState {
  if (wanted === undefined) return now === undefined ? 'as-wanted' : 'extra';
  if (now === undefined) return 'missing';
  if (now.hash === wanted.hash)
    return wanted.mode === undefined || now.mode === wanted.mode ? 'as-wanted' : 'mode-differs';
  if (now.hash === written) return 'wanted-otherwise';
  if (written === undefined) return shared ? 'changed-here' : 'never-written';
  // The person's own lines in a shared file are part of what is wanted, so they are not a second reason.
  return shared || written === wanted.hash ? 'changed-here' : 'both';
}

const shortHash = 8;

/** The three columns of a file as they are shown: short hashes, or modes where only those differ. */
export function fileColumns(versions: Versions): Pick<Compared, 'written' | 'now' | 'wanted'> {
  const { written, now, wanted } = versions;
  if (fileState(versions) === 'mode-differs')
    return { now: `mode ${octal(now?.mode)}`, wanted: `mode ${octal(wanted?.mode)}` };
  return {
    written: written?.slice(0, shortHash) ?? 'never',
    now: now?.hash.slice(0, shortHash) ?? 'none',
    wanted: wanted?.hash.slice(0, shortHash) ?? 'none',
  };
}

function octal(mode: number | undefined): string {
  return mode?.toString(8) ?? '?';
}

/** What the plan for a live object says about it. */
export function planState(plan: Plan): Pick<Compared, 'state' | 'note'> {
  switch (plan.status) {
    case 'ok':
      return { state: 'as-wanted', note: plan.note };
    case 'change':
      return { state: 'not-as-wanted', note: `to do: ${plan.summary}` };
    case 'later':
      return { state: 'unknown', note: `unknown without ${plan.waitsFor}` };
    case 'blocked':
      return { state: 'not-as-wanted', note: `${plan.problem}. Fix: ${plan.fix}` };
  }
}

/** What one comparison needs. */
interface Looking {
  readonly probe: Probe;
  readonly history: ActionLog;
}

/** What all of them need. */
interface Comparing<Context> extends Looking {
  readonly context: Context;
}

/** Compares every file and live object that the steps have resources for. Runs no step's checks: nothing is dialled for them. */
export async function compareAll<Context>(
  steps: readonly Step<Context>[],
  comparing: Comparing<Context>,
): Promise<readonly Compared[]> {
  const needed = steps.filter(({ notNeeded }) => notNeeded?.(comparing.context) === undefined);
  return (await Promise.all(needed.map(async (step) => await compareStep(step, comparing)))).flat();
}

async function compareStep<Context>(step: Step<Context>, comparing: Comparing<Context>): Promise<readonly Compared[]> {
  try {
    const resources = await step.resources(comparing.context, comparing.probe);
    return await Promise.all(resources.map(async (resource) => await compareOne(step.id, resource, comparing)));
  } catch (error) {
    return [
      { step: step.id, id: step.id, title: step.title, kind: 'script', state: 'unknown', note: messageOf(error) },
    ];
  }
}

/** Compares one of them. Never fails: what cannot be found out is `unknown`. */
export async function compareOne(step: string, resource: Resource, comparing: Looking): Promise<Compared> {
  const { id, kind } = resource;
  const about = {
    step,
    id,
    title: titleOf(resource),
    kind,
    ...(resource.kind === 'file' ? { path: resource.path } : {}),
  };
  try {
    if (resource.kind === 'file') return { ...about, ...(await compareFile(resource, comparing)) };
    const planned = planState(await planResource(comparing.probe, resource));
    if (planned.state !== 'not-as-wanted') return { ...about, ...planned };
    const columns = await nowOf(resource, comparing.probe);
    return { ...about, ...planned, ...columns, ...(isAsWritten(columns) ? { state: 'wanted-otherwise' } : {}) };
  } catch (error) {
    return { ...about, state: 'unknown', note: messageOf(error) };
  }
}

/** A live object that is as it was made: what has changed since is what is wanted of it. */
function isAsWritten({ written, now }: Partial<Compared>): boolean {
  return written !== undefined && written === now;
}

async function compareFile(
  resource: FileResource,
  { probe, history }: Looking,
): Promise<Omit<Compared, 'step' | 'id' | 'title' | 'kind'>> {
  const found = await inspectFile(probe, resource);
  const plan = planFile(resource, found);
  if (plan.status === 'blocked') return planState(plan);
  const now: Version | undefined =
    found.text === undefined
      ? undefined
      : { hash: sha256(found.text), ...(found.stat === undefined ? {} : { mode: found.stat.mode }) };
  const written = lastWritten(history, resource.path);
  const versions: Versions = {
    written,
    now,
    wanted: wantedVersion(resource, plan, now),
    shared: typeof resource.content === 'function',
  };
  const state = fileState(versions);
  if (state === 'as-wanted') return { state, note: resource.path };
  const changedAt = found.stat === undefined ? {} : { changedAt: new Date(found.stat.changedAt).toISOString() };
  return { state, ...fileColumns(versions), ...changedAt };
}

/** What the plan would write; if nothing is left to do, what is there. */
function wantedVersion(resource: FileResource, plan: Plan, now: Version | undefined): Version | undefined {
  if (resource.content === undefined) return undefined;
  if (plan.status !== 'change' || plan.edit === undefined) return now;
  const hash = sha256(revealed(plan.edit.after));
  return resource.keepMode === true ? { hash } : { hash, mode: resource.mode };
}

/** What a live object that is not as wanted is like, as far as that fits into a column. */
async function nowOf(resource: Resource, probe: Probe): Promise<Partial<Compared>> {
  if (resource.kind === 'container') return await containerColumns(resource, probe);
  return resource.kind === 'systemd-unit' ? { now: await unitWords(resource, probe) } : {};
}

/** Three inputs hashes: of the compose file as it was written, of the container, and as wanted. */
async function containerColumns(resource: ContainerResource, probe: Probe): Promise<Partial<Compared>> {
  const [compose, reply] = await Promise.all([
    probe.readFile(resource.composeFile).catch(() => undefined),
    probe.query(containerInspect({ sessionEnv: resource.env }, resource.name)),
  ]);
  const found = reply.exitCode === 0 ? readContainer(reply.stdout) : undefined;
  const written = compose?.match(new RegExp(`${inputsLabel}: *["']?([0-9a-f]+)`))?.[1];
  const inputs = found === undefined ? undefined : (found.inputs ?? 'made by hand');
  const running = found?.running === true;
  // Right in all of this, it has only not read a changed file yet: three equal columns would tell nothing.
  if (running && inputs === resource.inputsHash) return {};
  const now = inputs === undefined ? 'none' : /^[0-9a-f]+$/.test(inputs) ? inputs.slice(0, 8) : inputs;
  return {
    ...(written === undefined ? {} : { written: written.slice(0, 8) }),
    now: inputs === undefined || running ? now : `${now}, stopped`,
    wanted: `${resource.inputsHash.slice(0, 8)}, running`,
  };
}

async function unitWords(resource: SystemdUnitResource, probe: Probe): Promise<string> {
  const { active, enabled } = await inspectSystemdUnit(probe, resource);
  return `${active ? 'running' : 'not running'}, ${enabled ? 'starts at boot' : 'does not start at boot'}`;
}
