import { counted } from '../text/counted.ts';
import { moment } from '../text/local-time.ts';
import { isUnknown, type ProvenFacts, type SentinelFacts, type StatusReport } from './report.ts';
import { type Row, row } from './rows.ts';

/** When everything was last proven, with what, and what has changed since. */
export function proofWords({ at, claudeCode, image, changedSince }: ProvenFacts): Row {
  const name = 'last proven';
  if (at === null) return [name, 'never, or something was changed since. Prove it:  claude-routing-install'];
  const versions = [
    ...(claudeCode === null ? [] : [`Claude Code ${claudeCode}`]),
    ...(image === null ? [] : [`image ${image}`]),
  ];
  const how = versions.length === 0 ? '' : ` with ${versions.join(' and ')}`;
  if (changedSince.length === 0) return [name, `${moment(at)}${how}`];
  return [name, `${moment(at)}${how}; changed since: ${changedSince.join(', ')}`, 'warning'];
}

/** The compat sentinel in a line. */
export function sentinelWords({ chosen, timer, found }: SentinelFacts): Row {
  const name = 'sentinel';
  if (chosen === null) return [name, 'unknown without the answers'];
  if (!chosen) return [name, 'not chosen'];
  if (timer !== null && isUnknown(timer)) return row(name, timer, () => '');
  const watching = timer?.active === true ? 'watching' : 'its timer is not running';
  const tone = timer?.active === true ? 'plain' : 'warning';
  if (found === null) return [name, `${watching}; nothing new to prove since the last proof`, tone];
  const words = {
    ok: `proven ${moment(found.at)}`,
    failed: `failed ${moment(found.at)}: ${found.reason}. Find the cause:  claude-routing-install doctor`,
    untried: `could not try what is new, ${moment(found.at)}: ${found.reason}`,
  } as const;
  return [name, `${watching}; ${words[found.result]}`, found.result === 'failed' ? 'bad' : tone];
}

/** Who changes this machine at the moment; nothing where nobody does. */
export function workRows({ atWork }: Pick<StatusReport, 'atWork'>): readonly Row[] {
  if (atWork === null) return [];
  const { name, pid, what } = atWork;
  return [['at work', `${name} (process ${pid}), which ${what}: what differs may be half finished`, 'warning']];
}

/** The last run of the program, and whether one is under way. */
export function runWords({ lastRun, underWay }: Pick<StatusReport, 'lastRun' | 'underWay'>): Row {
  const name = 'last run';
  if (underWay !== null) return [name, `another run is under way (process ${underWay})`, 'warning'];
  if (lastRun === null) return [name, 'none in the journal'];
  const { command, version, began, exitCode, actions } = lastRun;
  const by = version === null ? '' : ` (${version})`;
  const ended = exitCode === null ? 'was cut off' : exitCode === 0 ? 'ended well' : `ended with exit code ${exitCode}`;
  const tone = exitCode === 0 ? 'plain' : 'warning';
  return [name, `${command ?? 'a run'}${by} ${moment(began)}, ${counted(actions, 'action')}, ${ended}`, tone];
}
