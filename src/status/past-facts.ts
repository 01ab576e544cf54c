import type { Context } from '../context.ts';
import type { ActionLog } from '../engine/action-log.ts';
import type { Probe } from '../host/host.ts';
import type { Layout } from '../layout.ts';
import { lookAtUnit } from './engine-facts.ts';
import { isUnknown, type ProgramFacts, type ProvenFacts, type RunFacts, type SentinelFacts } from './report.ts';
import { fingerprintOf, type Installed, lookAtInstalled, parseStamp, partsOf, wordOf } from './verification.ts';

/** This program and the one that wrote last. */
export function programFacts({ runs }: ActionLog, version: string): ProgramFacts {
  const wrote = runs.findLast(({ actions }) =>
    actions.some((action) => action.do === 'write' && action.state === 'done'),
  );
  return { version, wroteLast: wrote?.version ?? null };
}

/** The last run that may have changed something. */
export function lastRun({ runs }: ActionLog): RunFacts | null {
  const run = runs.at(-1);
  if (run === undefined) return null;
  const { id, command, version, began, exitCode, actions } = run;
  return {
    id,
    command: command ?? null,
    version: version ?? null,
    began,
    exitCode: exitCode ?? null,
    actions: actions.filter(({ state }) => state === 'done').length,
  };
}

/** When everything was last proven, and what has changed since. Without a context only the time can be told. */
export async function lookAtProven(probe: Probe, layout: Layout, context: Context | undefined): Promise<ProvenFacts> {
  const stamp = parseStamp(await probe.readFile(layout.proofStamp).catch(() => undefined));
  const then = partsOf(stamp?.installed);
  const facts = { at: stamp?.at ?? null, claudeCode: then?.claude ?? null, image: then?.image ?? null };
  if (stamp === undefined || context === undefined) return { ...facts, changedSince: [] };
  const answers = stamp.fingerprint === fingerprintOf(context) ? [] : ['answers or keys'];
  const now = then === undefined ? undefined : partsOf(wordOf(await lookAtInstalled(probe, context)));
  return { ...facts, changedSince: [...answers, ...changedParts(then, now)] };
}

/** Which parts of the installation have changed; what is not known now is left out. */
export function changedParts(then: Installed | undefined, now: Installed | undefined): readonly string[] {
  const names: Readonly<Record<keyof Installed, string>> = {
    claude: 'Claude Code',
    image: 'gateway image',
    config: 'gateway configuration',
  };
  return (Object.keys(names) as (keyof Installed)[]).flatMap((part) => {
    const [before, after] = [then?.[part], now?.[part]];
    if (before === undefined || after === undefined || before === after) return [];
    return [part === 'config' ? names[part] : `${names[part]} ${before} → ${after}`];
  });
}

/** The compat sentinel: whether it is wanted, whether its timer runs, and what it found last. */
export async function lookAtSentinel(
  probe: Probe,
  layout: Layout,
  chosen: boolean | undefined,
): Promise<SentinelFacts> {
  const unit = layout.sentinelTimer.split('/').at(-1) ?? '';
  const [text, timer] = await Promise.all([
    probe.readFile(layout.sentinelState).catch(() => undefined),
    chosen === true ? lookAtUnit(probe, unit) : null,
  ]);
  return {
    chosen: chosen ?? null,
    timer: timer === null || isUnknown(timer) ? timer : { active: timer.active },
    found: chosen === true ? sentinelWord(text) : null,
  };
}

/** The line that the sentinel's script writes: result, time, what was installed, and why. */
export function sentinelWord(text: string | undefined): SentinelFacts['found'] {
  const match = /^(ok|failed|untried) (\S+) \S+ ?(.*)/.exec(text ?? '');
  if (match === null) return null;
  const [, result, at = '', reason = ''] = match;
  return { result: result as 'ok' | 'failed' | 'untried', at, reason };
}
