import type { Line } from '../ui/wording.ts';
import { isUnknown, type LocalFacts, type Looked, type StatusReport } from './report.ts';

/** One place on the way of a request. */
interface Stop {
  readonly state: 'up' | 'down' | 'not asked';
  readonly name: string;
  readonly words: string;
}

/** Each state has a mark of its own, so that colour is only a second sign. */
const marks = { up: '✓', down: '✗', 'not asked': '·' } as const;
const tones = { up: 'good', down: 'bad', 'not asked': 'dim' } as const;

/** The longest name of a model that fits beside its branch into 40 columns. */
const longestName = 24;

/** The way of claude-routed's requests, and where it is broken; nothing where the answers cannot be read. Fits into 40 columns. */
export function routePicture({ routing, gateway, localModel, moreLocalServers }: StatusReport): readonly Line[] {
  if (isUnknown(routing)) return [];
  const locals = [localModel, ...moreLocalServers.map(({ found }) => found)].map(localStop);
  const branches = [sharedStop(locals), ...cloudStops(routing.cloud)];
  return [
    { text: '  claude-routed', tone: 'strong' },
    stopLine('  └─', gatewayStop(gateway)),
    ...branches.map((stop, index) => stopLine(index < branches.length - 1 ? '     ├─' : '     └─', stop)),
    { text: '', tone: 'plain' },
  ];
}

function stopLine(branch: string, { state, name, words }: Stop): Line {
  return { text: `${branch} ${marks[state]} ${name}  ${words}`, tone: tones[state] };
}

function gatewayStop(gateway: StatusReport['gateway']): Stop {
  if (isUnknown(gateway)) return { state: 'down', name: 'gateway', words: 'down' };
  return { state: 'up', name: 'gateway', words: `ready (${gateway.ms} ms)` };
}

function localStop(local: Looked<LocalFacts>): Stop {
  if (isUnknown(local)) return { state: 'down', name: 'local', words: 'down' };
  const mine = local.models.find(({ chosen }) => chosen);
  if (mine === undefined) return { state: 'down', name: 'local', words: 'model not listed' };
  const words = mine.loaded === false ? 'model not loaded' : short(mine.id);
  return { state: mine.loaded === false ? 'down' : 'up', name: 'local', words };
}

/** Several servers of one model are one stop, which is up while one of them is. */
function sharedStop(locals: readonly Stop[]): Stop {
  const up = locals.filter(({ state }) => state === 'up');
  const [first] = up.length > 0 ? up : locals;
  if (first === undefined || locals.length === 1) return first ?? { state: 'down', name: 'local', words: 'down' };
  return { ...first, words: `${up.length} of ${locals.length} servers` };
}

/** A cloud is not asked: that takes its time, and some of them charge for it. */
function cloudStops(model: string | null): readonly Stop[] {
  return model === null ? [] : [{ state: 'not asked', name: 'cloud', words: short(model) }];
}

/** Without who made it. */
function short(id: string): string {
  const name = id.split('/').at(-1) ?? id;
  return name.length <= longestName ? name : `${name.slice(0, longestName - 1)}…`;
}
