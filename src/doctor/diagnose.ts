import type { Ailment, Found } from './ailment.ts';
import type { Diagnosis } from './diagnosis.ts';
import type { Examination } from './examination.ts';

/** What a whole examination found, worst first, and what was looked at. */
export interface Examined {
  readonly diagnoses: readonly Diagnosis[];
  readonly looked: readonly Pick<Ailment, 'id' | 'about'>[];
}

/** Name of the ailment that reports what no other one explains. */
export const DRIFT = 'drift';

/** Looks for all these ailments at once. A look that fails becomes a finding of its own and takes no other one down. */
export async function diagnose(examination: Examination, ailments: readonly Ailment[]): Promise<Examined> {
  const looked = ailments.filter(({ on }) => on === 'machine' || examination.installed !== undefined);
  const found = await Promise.all(looked.map(async (ailment) => await lookFor(ailment, examination)));
  return {
    diagnoses: worstFirst(withoutExplained(found.flat())),
    looked: looked.map(({ id, about }) => ({ id, about })),
  };
}

async function lookFor(ailment: Ailment, examination: Examination): Promise<readonly Found[]> {
  const { installed } = examination;
  try {
    if (ailment.on === 'machine') return await ailment.look(examination);
    return installed === undefined ? [] : await ailment.look({ ...examination, installed });
  } catch (error) {
    return [couldNotLook(ailment, error)];
  }
}

function couldNotLook({ id, about }: Ailment, error: unknown): Found {
  const said = error instanceof Error ? error.message : String(error);
  return {
    ailment: id,
    symptom: `${about}: could not be looked at`,
    problem: 'looking itself failed',
    evidence: [{ text: said }],
    severity: 'broken',
    fix: `mend what it names, then look again:  claude-routing-install doctor --only ${id}`,
  };
}

/** What another diagnosis mends or accounts for is not told once more as drift. */
function withoutExplained(found: readonly Found[]): readonly Found[] {
  const specific = found.filter(({ ailment }) => ailment !== DRIFT);
  const ids = specific.flatMap(({ mend = [], explains = [] }) => [...mend.map(({ id }) => id), ...explains]);
  return found.filter(({ ailment, explains = [] }) => ailment !== DRIFT || !explains.some((id) => ids.includes(id)));
}

function worstFirst(found: readonly Found[]): readonly Found[] {
  return [...found].sort((a, b) => Number(a.severity === 'note') - Number(b.severity === 'note'));
}
