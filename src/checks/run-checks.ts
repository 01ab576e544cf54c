import { refusalIn, refusalProblem } from '../engine/errno.ts';
import { messageOf } from '../text/said.ts';
import type { Check, CheckContext, CheckFinding, Finding, Words } from './check.ts';

/** What a whole examination found, worst first, and what was looked at. */
export interface Examined {
  readonly diagnoses: readonly Finding[];
  readonly looked: readonly Pick<Check, 'id' | 'about'>[];
}

/** A finding with the name of its check, and what of it matters among others. */
type Found = Finding & Pick<Words, 'explains' | 'oneOfMany'>;

/** Name of the check that reports what no other one explains. */
export const DRIFT = 'drift';

/** Runs all these checks at once. A check that fails becomes a finding of its own and does not stop the others. */
export async function runChecks(examination: CheckContext, checks: readonly Check[]): Promise<Examined> {
  const looked = checks.filter(({ on }) => on === 'machine' || examination.installed !== undefined);
  const found = await Promise.all(looked.map(async (check) => await lookFor(check, examination)));
  return {
    diagnoses: worstFirst(manyAsOne(withoutExplained(found.flat()))),
    looked: looked.map(({ id, about }) => ({ id, about })),
  };
}

async function lookFor(check: Check, examination: CheckContext): Promise<readonly Found[]> {
  const fix = `claude-routing-install doctor --fix --only ${check.id}`;
  const found = await looksOf(check, examination).catch((error: unknown) => [couldNotLook(check, error)]);
  return found.map((one) => ({ check: check.id, severity: 'broken', ...one, fix: one.fix ?? fix }));
}

async function looksOf(check: Check, examination: CheckContext): Promise<readonly CheckFinding[]> {
  const { installed } = examination;
  if (check.on === 'machine') return await check.look(examination);
  return installed === undefined ? [] : await check.look({ ...examination, installed });
}

function couldNotLook({ id, about }: Check, error: unknown): CheckFinding {
  const again = `then check again:  claude-routing-install doctor --only ${id}`;
  const words = { symptom: `${about}: could not be checked`, evidence: [{ text: messageOf(error) }] };
  const refusal = refusalIn(error);
  if (refusal === undefined)
    return { ...words, code: 'check-failed', problem: 'the check itself failed', fix: `fix what it names, ${again}` };
  const { code, problem, fix } = refusalProblem(refusal);
  return { ...words, code, problem, fix: `${fix}  ${again}` };
}

/** What another finding fixes or accounts for is not reported again as drift. */
function withoutExplained(found: readonly Found[]): readonly Found[] {
  const specific = found.filter(({ check }) => check !== DRIFT);
  const ids = specific.flatMap(({ fixWith = [], explains = [] }) => [...fixWith.map(({ id }) => id), ...explains]);
  return found.filter(({ check, explains = [] }) => check !== DRIFT || !explains.some((id) => ids.includes(id)));
}

/** Findings of one check, step and code become one that has all their fixes; the first one's place is its place. */
function manyAsOne(found: readonly Found[]): readonly Found[] {
  const keyOf = ({ check, code, oneOfMany }: Found) => oneOfMany && [check, code, oneOfMany.step].join(' ');
  return found.flatMap((finding, index) => {
    const key = keyOf(finding);
    if (key === undefined) return [finding];
    const alike = found.filter((other) => keyOf(other) === key);
    if (found.indexOf(alike[0] ?? finding) !== index) return [];
    return [alike.length === 1 ? finding : asOne(finding, alike)];
  });
}

function asOne(first: Found, alike: readonly Found[]): Found {
  const parts = alike.flatMap(({ oneOfMany }) => (oneOfMany === undefined ? [] : [oneOfMany]));
  const [{ step, problem } = { step: first.symptom, problem: first.problem }] = parts;
  return {
    ...first,
    symptom: `${step}: ${alike.length} things differ from your answers`,
    problem,
    evidence: [...first.evidence.map(({ text }) => ({ text })), ...parts.map(({ part }) => part)],
    fixWith: alike.flatMap(({ fixWith = [] }) => fixWith),
    explains: alike.flatMap(({ explains = [] }) => explains),
  };
}

function worstFirst(found: readonly Found[]): readonly Found[] {
  return [...found].sort((a, b) => Number(a.severity === 'note') - Number(b.severity === 'note'));
}
