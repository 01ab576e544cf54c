import type { Check, CheckFinding } from '../../checks/check.ts';
import { parseAnswersFile, validateAnswers } from '../../config/answers-file.ts';
import type { Problem } from '../../problem.ts';

export const savedAnswers: Check = {
  id: 'answers',
  about: 'your saved answers can be read and fit together',
  on: 'machine',
  look: async ({ probe, layout, answersProblems }) => {
    const path = layout.savedAnswers;
    const text = await probe.readFile(path);
    if (text === undefined) return [];
    const own = problemsIn(path, text);
    return own.length > 0 ? own.map((problem) => unusable(path, problem)) : answersProblems.map(inTheWay);
  },
};

/** What is wrong in a file of answers, with its line. */
export function problemsIn(path: string, text: string): readonly Problem[] {
  const file = parseAnswersFile(path, text);
  if (!file.ok) return [file.problem];
  const answers = validateAnswers(file.value.raw, file.value);
  return answers.ok ? [] : answers.problem;
}

const symptom = 'Every command stops because of the answers';

/** The answers can be read; something that they name, such as the file of keys, cannot be used, and its problem says what to type. */
function inTheWay({ code, problem, fix }: Problem): CheckFinding {
  return { code, symptom, problem, evidence: [], fix };
}

function unusable(path: string, { code, problem, at }: Problem): CheckFinding {
  const place = at === undefined ? path : `+${at.line} ${path}`;
  return {
    code,
    symptom,
    problem: 'your saved answers cannot be used',
    evidence: [{ path, ...(at === undefined ? {} : { line: at.line }), text: at?.says ?? problem }],
    fix: `fix it:  nano ${place}   or answer again:  claude-routing-install --ask`,
  };
}
