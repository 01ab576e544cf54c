import { expect, it } from 'vitest';
import { spendingNotice } from '../../../src/components/launchers/launchers.ts';
import { layoutFor } from '../../../src/layout.ts';
import { put, run, scratchDirectory } from '../../render/scratch.ts';

const now = new Date();
const at = (daysAgo: number): string =>
  new Date(now.getFullYear(), now.getMonth(), now.getDate() - daysAgo, 12).toISOString();
const line = (more: Record<string, unknown>, when = now.toISOString()): string =>
  `${JSON.stringify({ v: 1, at: when, cost: 0, dayCost: 4, ...more })}\n`;
const begun = `${JSON.stringify({ v: 1, at: now.toISOString(), held: 'a', most: 2 })}\n`;

/** What a launcher says on a terminal after these lines. */
async function said(text: string, tty = true): Promise<string> {
  const home = scratchDirectory(`o'neil $(touch x) & "b"`);
  const layout = layoutFor({ user: 'anna', uid: 1234, home });
  put(`${layout.requestLogDir}/2020-01.jsonl`, line({ dayPercent: 99, monthPercent: 99 }, at(4000)));
  if (text !== '') put(`${layout.requestLogDir}/${now.toISOString().slice(0, 7)}.jsonl`, text);
  put(`${home}/notice`, `set -u\n${spendingNotice('claude-routed', layout)}\n`);
  const env = { PATH: '/usr/bin:/bin' };
  if (!tty) return (await run('bash', [`${home}/notice`], { env })).stderr;
  const script = ['-qec', 'bash ./notice </dev/null', '/dev/null'];
  return (await run('script', script, { env, cwd: home })).stdout.trim().replaceAll('\r', '');
}

const words = (percent: number, period: string): string =>
  `claude-routed: ${percent} % of what the clouds may cost this ${period} is spent; see  npx claude-routing-install usage`;

it.each<[what: string, text: string, told: string]>([
  ['less', line({ dayPercent: 79, monthPercent: 10 }), ''],
  ['most of a day’s', line({ dayPercent: 80, monthPercent: 10 }), words(80, 'day')],
  ['most of a month’s, the only one', line({ dayPercent: null, monthPercent: 93 }), words(93, 'month')],
  ['more than both', line({ dayPercent: 104, monthPercent: 101 }), `${words(104, 'day')}\n${words(101, 'month')}`],
  ['what was said last', line({ dayPercent: 95, monthPercent: 1 }) + line({ dayPercent: 2, monthPercent: 1 }), ''],
  ['what was said before a cloud was asked', line({ dayPercent: 95, monthPercent: 1 }) + begun, words(95, 'day')],
  ['yesterday’s', line({ dayPercent: 95, monthPercent: 1 }, at(1)), ''],
  ['a month’s of last month', line({ dayPercent: 95, monthPercent: 95 }, at(40)), ''],
  ['nothing, for there was no ceiling', line({}), ''],
  ['nothing, for the log is older', '', ''],
  ['rubbish', '"dayPercent":99\n', ''],
])('a launch tells what is spent of a ceiling: %s', async (_, text, told) => {
  expect(await said(text)).toBe(told);
});

it('says nothing where nobody reads it', async () => {
  expect(await said(line({ dayPercent: 95, monthPercent: 10 }), false)).toBe('');
});
