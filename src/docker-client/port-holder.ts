import type { Probe } from '../host/host.ts';
import { ask, docker, type Engine } from './docker.ts';

/** Who listens on a port of this machine. */
export interface PortHolder {
  /** The line of `ss` that says so. */
  readonly line: string;
  /** Undefined for another account's program: `ss` does not name those. */
  readonly program: { readonly name: string; readonly pid: number } | undefined;
}

/** Asks who listens on a TCP port; undefined if nobody does. */
export async function portHolder(probe: Pick<Probe, 'query'>, port: number): Promise<PortHolder | undefined> {
  return holderIn((await probe.query({ file: 'ss', args: ['-Hltnp', `sport = :${port}`] })).stdout);
}

/** Who listens, in what `ss -Hltnp` says. */
export function holderIn(listening: string): PortHolder | undefined {
  const row = listening.split('\n').find((candidate) => candidate.trim() !== '');
  if (row === undefined) return undefined;
  const [, name, pid] = /\("([^"]+)",pid=(\d+)/.exec(row) ?? [];
  const program = name === undefined || pid === undefined ? undefined : { name, pid: Number(pid) };
  return { line: row.replace(/\s+/g, ' ').trim(), program };
}

/** Who holds a port, and what to type about it. */
export interface HolderWords {
  readonly who: string;
  readonly stop: string;
}

/** Of a holder that is not the person's own engine; undefined where nobody can tell. */
export function holderWords(holder: PortHolder | undefined, port: number): HolderWords {
  const { program } = holder ?? {};
  if (program !== undefined) return { who: `${program.name} (process ${program.pid})`, stop: `kill ${program.pid}` };
  const who = holder === undefined ? 'another program' : 'a program of another account';
  return { who, stop: `see who it is:  sudo ss -ltnp 'sport = :${port}'` };
}

/** The part of the person's own engine that holds the ports of its containers; never to be killed. */
const portDriver = 'rootlesskit';

/** What a port is to the person's own engine. */
export type EnginePort =
  /** Somebody else holds it. */
  | { readonly is: 'not-its' }
  /** These running containers publish it. */
  | { readonly is: 'published'; readonly by: readonly string[] }
  /** No container has it: left over from when the machine was switched off while a container was being created. */
  | { readonly is: 'left-over'; readonly running: number };

/** Whether the person's own engine holds a port, and for whom. */
export async function enginePort(
  probe: Pick<Probe, 'query'>,
  holder: PortHolder | undefined,
  port: number,
  engine: Engine,
): Promise<EnginePort> {
  if (holder?.program?.name !== portDriver) return { is: 'not-its' };
  const names = async (...filter: readonly string[]) => {
    const { exists, said } = await ask(probe, docker(engine, ['ps', ...filter, '--format', '{{.Names}}']));
    return exists ? said.split('\n').filter((name) => name.trim() !== '') : undefined;
  };
  const [by, running] = await Promise.all([names('--filter', `publish=${port}`), names()]);
  if (by === undefined || running === undefined) return { is: 'not-its' };
  return by.length > 0 ? { is: 'published', by } : { is: 'left-over', running: running.length };
}
