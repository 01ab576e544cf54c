import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Machine } from './program.ts';

type Place = Pick<Machine, 'account' | 'onDisk'>;

/** Where the client keeps a context. Source: docker/cli, context/store. */
function metaPath({ account, onDisk }: Place, name: string): string {
  return onDisk(`${account.home}/.docker/contexts/meta/${createHash('sha256').update(name).digest('hex')}/meta.json`);
}

function settingsPath({ account, onDisk }: Place): string {
  return onDisk(`${account.home}/.docker/config.json`);
}

function settings(place: Place): Record<string, unknown> {
  const path = settingsPath(place);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>) : {};
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** Where a context leads. */
export function endpointOf(place: Place, name: string): string | undefined {
  const path = metaPath(place, name);
  if (!existsSync(path)) return undefined;
  const meta = JSON.parse(readFileSync(path, 'utf8')) as { Endpoints: { docker: { Host: string } } };
  return meta.Endpoints.docker.Host;
}

export function keepContext(place: Place, name: string, host: string): void {
  const docker = { Host: host, SkipTLSVerify: false };
  write(metaPath(place, name), JSON.stringify({ Name: name, Metadata: {}, Endpoints: { docker } }));
}

export function forgetContext(place: Place, name: string): void {
  rmSync(dirname(metaPath(place, name)), { recursive: true, force: true });
}

export function contextInUse(place: Place): string {
  const { currentContext } = settings(place);
  return typeof currentContext === 'string' ? currentContext : 'default';
}

/** All of the settings is written anew, with tabs, as the client does. */
export function chooseContext(place: Place, name: string): void {
  const { currentContext: _, ...rest }: Record<string, unknown> = { auths: {}, ...settings(place) };
  const chosen = name === 'default' ? rest : { ...rest, currentContext: name };
  write(settingsPath(place), JSON.stringify(chosen, undefined, '\t'));
}
