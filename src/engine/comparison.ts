import { containerInspect } from '../docker-client/docker.ts';
import { inputsLabel, readContainer } from '../docker-client/inspected-container.ts';
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
import { type Compared, fileColumns, fileState, planState, type Version, type Versions } from './drift.ts';
import type { Step } from './step.ts';

/** What one comparison is made with. */
interface Looking {
  readonly probe: Probe;
  readonly history: ActionLog;
}

/** What all of them are made with. */
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

/** Compares one of them. Never fails: what cannot be told is `unknown`. */
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

/** What the plan would write; where nothing is left to do, what is there. */
function wantedVersion(resource: FileResource, plan: Plan, now: Version | undefined): Version | undefined {
  if (resource.content === undefined) return undefined;
  if (plan.status !== 'change' || plan.edit === undefined) return now;
  const hash = sha256(revealed(plan.edit.after));
  return resource.keepMode === true ? { hash } : { hash, mode: resource.mode };
}

/** What a live object is like that is not as wanted, as far as that fits into a column. */
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
