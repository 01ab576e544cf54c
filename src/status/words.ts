import type { SpendingFacts } from '../components/gateway/spending.ts';
import { queueWords } from '../components/lm-studio/server-limits.ts';
import { nearlySpent } from '../config/money.ts';
import { counted } from '../text/counted.ts';
import { moment } from '../text/local-time.ts';
import type { Line } from '../ui/wording.ts';
import { countWords, driftLines, proofWords, type Row, row, runWords, sentinelWords, workRows } from './past-words.ts';
import {
  type ContainerFacts,
  isUnknown,
  type LocalFacts,
  type Looked,
  type StatusReport,
  type SystemFacts,
  type WakeFacts,
} from './report.ts';

/** The report on one screen; with `all` every file and object is listed. */
export function statusLines(report: StatusReport, all: boolean): readonly Line[] {
  const rows = [...machineRows(report), ...clientRows(report), ...pastRows(report)];
  return [...routePicture(report), ...rows.map(toldOnce).map(lineOf), ...driftPart(report, all)];
}

/** One cause can hide several facts: from the second time on it is only referred to. */
function toldOnce(row: Row, index: number, rows: readonly Row[]): Row {
  const [name, value, tone] = row;
  const earlier = rows.slice(0, index).find(([, told]) => told === value);
  return tone === 'bad' && earlier !== undefined ? [name, `unknown: see ${earlier[0]}`, 'bad'] : row;
}

function lineOf([name, value, tone = 'plain']: Row): Line {
  return { text: `  ${name.padEnd(16)}${value}`, tone };
}

function machineRows({ program, system, docker, container, gateway }: StatusReport): readonly Row[] {
  const free = system.freeGigabytes === null ? '' : `, ${system.freeGigabytes} GB free`;
  const { version, wroteLast } = program;
  const by = wroteLast === null ? 'an earlier version' : wroteLast;
  return [
    ['program', wroteLast === version ? version : `${version}; what is installed was written by ${by}`],
    ['system', `${system.name}${free}`],
    row('Docker', docker, (facts) => `${facts.version} (rootless)`),
    engineRow(system),
    row('image', container, imageWords),
    row('container', container, containerWords),
    row(
      'gateway',
      gateway,
      ({ url, ms, litellm }) => `${url}, ready (${ms} ms)${litellm === null ? '' : `, LiteLLM ${litellm}`}`,
    ),
  ];
}

function engineRow({ engineUnit, linger }: SystemFacts): Row {
  const words = linger ? 'runs without a login' : 'ends with the last logout: linger is off';
  const told = row('engine', engineUnit, ({ active, enabled }) =>
    [active ? 'running' : 'not running', enabled ? 'starts at boot' : 'does not start at boot', words].join(', '),
  );
  if (isUnknown(engineUnit)) return told;
  return engineUnit.active && engineUnit.enabled && linger ? told : [told[0], told[1], 'warning'];
}

/** Nobody reads a full digest: its beginning is enough to tell it from others. */
function imageWords({ image, imageId }: ContainerFacts): string {
  const [name = '', digest] = image.split('@sha256:');
  const short = digest ?? imageId?.replace(/^sha256:/, '');
  return short === undefined ? name : `${name}, ${digest === undefined ? 'id' : 'digest'} ${short.slice(0, 12)}`;
}

function containerWords({ name, running, startedAt, health, restarts }: ContainerFacts): string {
  if (!running) return `${name}, stopped. Fix: docker start ${name}`;
  const words = [
    name,
    `running since ${moment(startedAt)}`,
    health,
    restarts === null ? null : counted(restarts, 'restart'),
  ];
  return words.filter((word) => word !== null).join(', ');
}

function clientRows(report: StatusReport): readonly Row[] {
  const { claudeCode, mise, keys, routing, launchers } = report;
  return [
    row(
      'Claude Code',
      claudeCode,
      ({ version, channel, source }) =>
        `${version}, channel ${channel}, ${source === 'apt' ? 'from the apt repository' : "from Anthropic's installer"}`,
    ),
    mise === null ? ['mise', 'not chosen'] : row('mise', mise, ({ version }) => version),
    ...localRows(report.localModel),
    ...wakeRows(report.wake),
    ...report.moreLocalServers.map(moreLocalRow),
    row('profile', routing, ({ label, goes }) => `${label}: ${goes}`),
    row('failover', routing, ({ failover }) => failoverWords[failover]),
    ...sealedRows(routing),
    ...ceilingRows(report.spending),
    ...launcherRows(launchers),
    row(
      'keys',
      keys,
      ({ fingerprints }) =>
        Object.entries(fingerprints)
          .map(([name, fingerprint]) => `${name} ${fingerprint}`)
          .join(', ') || 'none',
    ),
  ];
}

const failoverWords = {
  true: 'allowed, whole conversations too',
  background: 'allowed for background work only',
  false: 'not allowed',
} as const;

/** Which folders' text stays at home. */
export function sealedRows(routing: StatusReport['routing']): readonly Row[] {
  if (isUnknown(routing) || routing.sealed.length === 0) return [];
  return [['sealed', `${routing.sealed.join(', ')}: their text goes to no cloud`]];
}

function ceilingRows(spending: StatusReport['spending']): readonly Row[] {
  if (spending === null) return [];
  if (isUnknown(spending)) return [row('ceiling', spending, () => '')];
  const { text, tone } = ceilingWords(spending);
  return [['ceiling', text, tone]];
}

/** What may be spent, and how much of it is. */
export function ceilingWords({ perDay, perMonth, dayPercent, monthPercent }: SpendingFacts): Line {
  const words = (most: number | null, percent: number | null, period: string): readonly string[] =>
    most === null ? [] : [`$${most.toFixed(2)} a ${period}, ${percent ?? 0} % spent`];
  const text = [...words(perDay, dayPercent, 'day'), ...words(perMonth, monthPercent, 'month')].join('; ');
  return { text, tone: Math.max(dayPercent ?? 0, monthPercent ?? 0) < nearlySpent ? 'plain' : 'warning' };
}

/** The first local server, its model and its queue. */
export function localRows(local: StatusReport['localModel']): readonly Row[] {
  if (isUnknown(local)) return [row('local model', local, () => '')];
  const { address, server, ms, chosen, models, queue } = local;
  const mine = models.find((model) => model.chosen);
  const others = models.filter((model) => !model.chosen);
  const where = `${server} at ${address} (${ms} ms)`;
  const state = mine === undefined ? 'not listed' : mine.loaded === false ? 'not loaded' : `loaded${windowWords(mine)}`;
  const tone = mine?.loaded === false || mine === undefined ? 'warning' : 'plain';
  return [
    ['local server', where],
    ['local model', `${chosen ?? 'none chosen'}, ${state}`, tone],
    ['queue', queueWords(queue, server)],
    ...others.map((model): Row => ['also loaded', `${model.id}${windowWords(model)}`]),
  ];
}

/** Of a further server only what differs from one to the next. */
export function moreLocalRow({ address, found }: StatusReport['moreLocalServers'][number]): Row {
  if (isUnknown(found)) return row('local server', found, () => '');
  const mine = found.models.find(({ chosen }) => chosen);
  const where = `${found.server} at ${address} (${found.ms} ms)`;
  if (mine === undefined || mine.loaded === false)
    return ['local server', `${where}, model ${mine === undefined ? 'not listed' : 'not loaded'}`, 'warning'];
  return ['local server', `${where}${windowWords(mine)}${slotsWords(found.queue)}`];
}

/** What was chosen holds for all of them and is told once. */
function slotsWords({ most, from }: LocalFacts['queue']): string {
  return from === 'server' ? `, ${most} at once` : '';
}

function windowWords({ contextWindow }: { readonly contextWindow: number | null }): string {
  return contextWindow === null ? '' : `, ${contextWindow.toLocaleString('en-US')} tokens`;
}

function launcherRows(launchers: StatusReport['launchers']): readonly Row[] {
  if (isUnknown(launchers)) return [row('launchers', launchers, () => '')];
  const files = launchers.files.map(({ name, path, present, goes, shadowedBy }): Row => {
    if (!present) return [name, `missing: ${path}`, 'warning'];
    return shadowedBy === null ? [name, goes] : [name, `${goes}; hidden behind ${shadowedBy}`, 'warning'];
  });
  if (launchers.files.every(({ onPath }) => onPath)) return files;
  return [...files, ['', 'not on the PATH of this shell; a new login has them']];
}

function pastRows(report: StatusReport): readonly Row[] {
  return [proofWords(report.proven), sentinelWords(report.sentinel), runWords(report), ...workRows(report)];
}

function driftPart({ drift }: StatusReport, all: boolean): readonly Line[] {
  if (isUnknown(drift)) return [lineOf(['state', `unknown: ${drift.problem}`, 'bad'])];
  const right = drift.asWanted === drift.objects.length;
  return [lineOf(['state', countWords(drift), right ? 'good' : 'warning']), ...driftLines(drift, all)];
}

/** Nothing where it was not chosen. */
export function wakeRows(wake: WakeFacts | null): readonly Row[] {
  if (wake === null) return [];
  const name = 'its machine';
  const { mac, patience, unit } = wake;
  if (isUnknown(unit)) return [row(name, unit, () => '')];
  if (unit.active && unit.enabled) return [[name, `${mac} is woken when it is silent; requests wait ${patience} s`]];
  const fix = 'claude-routing-install doctor --fix --only wake';
  return [[name, `${mac} is not woken: claude-routing-wake.path does not run. Fix: ${fix}`, 'warning']];
}

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

/** A cloud is not asked: that takes time, and some charge for it. */
function cloudStops(model: string | null): readonly Stop[] {
  return model === null ? [] : [{ state: 'not asked', name: 'cloud', words: short(model) }];
}

/** Without who made it. */
function short(id: string): string {
  const name = id.split('/').at(-1) ?? id;
  return name.length <= longestName ? name : `${name.slice(0, longestName - 1)}…`;
}
