import { isDeepStrictEqual } from 'node:util';
import { commandsRun } from '../../engine/action-log.ts';
import type { Kept } from '../../engine/event.ts';
import type { Command, Probe } from '../../host/host.ts';
import { Secret } from '../../host/secret.ts';
import type { Layout } from '../../layout.ts';
import { success } from '../../problem.ts';
import { imageGone } from '../../resources/container.ts';
import type { FileResource, Resource } from '../../resources/resource.ts';
import { shellWord } from '../../shell/word.ts';
import { isObject, parsedJson } from '../../text/json.ts';
import { dockerSettings, engineData, engineUnit, rootlessContext, wasThere } from '../../uninstall/baseline.ts';
import { imagesPulled, unitAsBefore } from '../../uninstall/provenance.ts';
import { existing, type Removal, type RemovalStep } from '../../uninstall/removal.ts';
import { dataIsOurs, engineDecision } from './remove-decision.ts';

export const rootlessDocker: RemovalStep = {
  id: 'rootless-docker',
  title: 'rootless Docker',
  guidePhase: 'phase 4b',
  why: 'The engine goes if it came with us and holds nothing of yours; its images only with --purge.',
  undoes: ['rootless-docker'],
  resources: async (removal, probe) => {
    const { layout, purge } = removal;
    const engine = await engineDecision(removal, probe);
    const data = purge && dataIsOurs(removal, engine);
    return [
      ...(purge && typeof engine === 'object'
        ? imagesPulled(removal.history).map((name) => imageGone(layout, 'image', 'image', name))
        : []),
      ...(engine === 'goes' ? [serviceGone(layout)] : []),
      ...(typeof engine === 'string' ? await clientSettings(removal, probe) : []),
      ...(typeof engine === 'object' && !engine.ours ? unitAsBefore(removal.history, theirEngine) : []),
      ...(data ? [dataGone(layout), ...rangesBack(removal)] : []),
    ];
  },
  kept,
};

/** An engine of the account's own that was there before us. */
const theirEngine = {
  id: 'engine-service',
  unit: 'docker.service',
  scope: 'user',
  comesWith: 'the rootless setup tool',
} as const;

function serviceGone(layout: Layout): Resource {
  const { XDG_RUNTIME_DIR = '', DBUS_SESSION_BUS_ADDRESS = '' } = layout.sessionEnv;
  const command: Command = {
    file: '/usr/bin/dockerd-rootless-setuptool.sh',
    args: ['--force', 'uninstall'],
    env: { XDG_RUNTIME_DIR, DBUS_SESSION_BUS_ADDRESS, DOCKER_HOST: '', PATH: '/usr/sbin:/sbin:/usr/bin:/bin' },
    timeoutMs: 120_000,
  };
  return {
    kind: 'script',
    id: 'engine-service',
    inspect: async (probe) =>
      (await probe.stat(engineUnit(layout))) === undefined
        ? { status: 'ok', note: 'none' }
        : { status: 'change', summary: 'stop your engine, remove its service and its context', destructive: true },
    effects: [{ do: 'run', why: 'remove rootless Docker', command }],
  };
}

/** The client writes its settings when a context is chosen; they are removed if they say nothing else and were not there before. */
async function clientSettings(removal: Removal, probe: Probe): Promise<readonly Resource[]> {
  const { layout, before } = removal;
  const path = dockerSettings(layout);
  const about = { kind: 'file', id: 'docker-client-settings', path, mode: 0o600, disposable: true } as const;
  const text = await probe.readFile(path);
  const former = before?.texts?.[path];
  if (former !== undefined && text !== undefined) {
    // Logins are in it.
    const content = (current = '') => success({ text: new Secret(withFormerContext(current, former)) });
    return [...formerContext(removal), { ...about, keepMode: true, content }];
  }
  const isNew = text !== undefined && wasThere(before, path) === false && saysNothing(text);
  return [...formerContext(removal), ...(isNew ? [{ ...about, content: undefined }] : [])];
}

/** A context of the same name that somebody had: the setup tool takes every "rootless" away. */
function formerContext({ layout, before }: Removal): readonly FileResource[] {
  const path = rootlessContext(layout);
  const former = before?.texts?.[path];
  if (former === undefined) return [];
  const content = (current = former) => success({ text: current });
  return [{ kind: 'file', id: 'docker-context', path, mode: 0o644, content, disposable: true }];
}

/** The client's settings with the context that was chosen in them before; byte for byte as they were, if nobody added to them since. */
export function withFormerContext(current: string, former: string): string {
  const [now, then] = [parsedJson(current), parsedJson(former)];
  if (!isObject(now) || !isObject(then)) return current;
  const { currentContext: chosen, ...rest } = now;
  const { currentContext: before, ...formerRest } = then;
  // Another one that was chosen since stays chosen.
  if (!['rootless', 'default', undefined, before].some((name) => name === chosen)) return current;
  if (isDeepStrictEqual(rest, formerRest)) return former;
  return JSON.stringify({ ...rest, ...(before === undefined ? {} : { currentContext: before }) }, undefined, '\t');
}

/** Whether the client's settings hold no login and nothing that a person set. */
export function saysNothing(config: string): boolean {
  try {
    const { auths, currentContext, ...rest } = JSON.parse(config) as Readonly<Record<string, unknown>>;
    const context = currentContext === undefined || ['rootless', 'default'].includes(String(currentContext));
    return context && Object.keys(rest).length === 0 && Object.keys(auths ?? {}).length === 0;
  } catch {
    return false;
  }
}

/** Its files belong to subordinate ids, which only rootlesskit may touch. */
function dataGone(layout: Layout): Resource {
  const path = engineData(layout);
  const command = { file: 'rootlesskit', args: ['rm', '-rf', path], env: layout.sessionEnv };
  return {
    kind: 'script',
    id: 'images-and-containers',
    inspect: async (probe) =>
      (await probe.stat(path)) === undefined
        ? { status: 'ok', note: 'none' }
        : { status: 'change', summary: `remove ${path}`, destructive: true },
    effects: [{ do: 'run', why: `remove ${path}`, command }],
  };
}

const granted = /^--add-(subuid|subgid)s (\d+)-(\d+) (\S+)$/;

/** Ids that were granted to the account, once nothing uses them. usermod takes none from an account with a process, and this is one. */
function rangesBack({ history }: Removal): readonly FileResource[] {
  return commandsRun(history, 'usermod').flatMap(({ args }) => {
    const [, kind = '', first = '', last = '', user = ''] = granted.exec(args.join(' ')) ?? [];
    if (kind !== 'subuid' && kind !== 'subgid') return [];
    const row = `${user}:${first}:${Number(last) - Number(first) + 1}`;
    const without = (text: string) => text.split('\n').filter((line) => line !== row);
    return [
      {
        kind: 'file',
        id: `subordinate-ids:${kind}`,
        title: `/etc/${kind}`,
        path: `/etc/${kind}`,
        mode: 0o644,
        keepMode: true,
        sudo: true,
        disposable: true,
        content: (current = '') => success({ text: without(current).join('\n') }),
      },
    ];
  });
}

async function kept(removal: Removal, probe: Probe): Promise<readonly Kept[]> {
  const { layout, purge } = removal;
  const engine = await engineDecision(removal, probe);
  const data = engineData(layout);
  if (typeof engine === 'object') return engineKept(removal, engine);
  if (purge || (await existing(probe, [data])).length === 0 || !dataIsOurs(removal, engine)) return [];
  const command = `rootlesskit rm -rf ${data}`;
  return [
    { what: data, why: 'the images of the engine; a new install need not fetch them again', command, purgeable: true },
  ];
}

function engineKept(removal: Removal, { stays, ours }: { stays: string; ours: boolean }): readonly Kept[] {
  const contexts = commandsRun(removal.history, 'docker', 'context').some(({ args }) =>
    ['create', 'update', 'use'].includes(args[1] ?? ''),
  );
  const images = removal.purge ? [] : imagesPulled(removal.history);
  return [
    ...(ours || wasThere(removal.before, engineUnit(removal.layout)) !== true
      ? [{ what: 'rootless Docker', why: stays, command: 'dockerd-rootless-setuptool.sh --force uninstall' }]
      : []),
    ...(images.length === 0
      ? []
      : [
          {
            what: `images ${images.join(', ')}`,
            why: 'a new install need not fetch them again',
            command: `docker rmi ${images.map(shellWord).join(' ')}`,
            purgeable: true,
          },
        ]),
    ...(contexts && !ours
      ? [
          {
            what: 'Docker context rootless',
            why: 'your engine is reached through it',
            command: 'docker context use default',
          },
        ]
      : []),
  ];
}
