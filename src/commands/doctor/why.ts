import type { VariablePlaces } from '../../checks/variable-source.ts';
import { findVariablePlaces } from '../../env-trace/find-variable-sources.ts';
import { credentials, isWatched, knownVariables, watchedSettings } from '../../env-trace/watched-variables.ts';
import { type Explanation, explain, namesSet, type SentKeys, sentKeys, startersAmong } from '../../env-trace/why.ts';
import {
  explanationLines,
  lookCloser,
  notLookedAt,
  sentLines,
  tableLines,
  whyRecord,
} from '../../env-trace/why-words.ts';
import { type ExitCode, exitCodes } from '../../session/exit-codes.ts';
import { type Program, Refused, tellProblems } from '../../session/program.ts';
import { didYouMean, nearestOf } from '../../text/nearest.ts';
import { sayLines } from '../../ui/wording.ts';

/** `doctor why [NAME]`: where a variable gets its value for each way to start Claude Code here; all that are set anywhere without a name. */
export async function why(program: Program, word: string | undefined): Promise<ExitCode> {
  const { host, layout, environment, cwd, ui } = program;
  const found = await ui.busy('looking for variables', findVariablePlaces(host, { layout, environment, cwd }));
  const names = word === undefined ? namesSet(found) : [nameOf(word, found)];
  const explained = names.map((name) => explanationsOf(name, program, found));
  const sent = sentFor(names, program, found);
  ui.result('why', whyRecord(cwd, explained, sent, found.unreadable), () => {
    const lines = word === undefined ? tableLines(explained, cwd) : explanationLines(explained[0] ?? [], cwd);
    sayLines(ui, [...lines, ...sentLines(sent)]);
    tellProblems(ui, found.unreadable, 'warning');
    sayLines(ui, [word === undefined ? lookCloser : notLookedAt]);
  });
  return exitCodes.done;
}

function explanationsOf(name: string, { layout }: Program, { places }: VariablePlaces): readonly Explanation[] {
  return startersAmong(places).map((starter) => explain(name, { starter, layout, places }));
}

/** Which keys are sent, where one of these names is a way to log in. */
function sentFor(names: readonly string[], { layout }: Program, { places }: VariablePlaces): readonly SentKeys[] {
  if (!names.some((name) => credentials.some((credential) => credential === name))) return [];
  return startersAmong(places).map((starter) => sentKeys({ starter, layout, places }));
}

/** The variable that is meant; `model` of a settings file is shown together with the variable that overrides it. */
function nameOf(word: string, { places }: VariablePlaces): string {
  if (word === 'model') return 'ANTHROPIC_MODEL';
  const name = [...watchedSettings, word.toUpperCase()].find((one) => one.toUpperCase() === word.toUpperCase()) ?? word;
  const known = [...knownVariables, ...places.map((place) => place.name)];
  if (known.includes(name)) return name;
  const nearest = nearestOf(name, known);
  if (nearest === undefined && isWatched(name)) return name;
  throw new Refused(exitCodes.usage, {
    code: 'word-unknown',
    problem: `no launcher sets ${name}, and nothing else here does${didYouMean(name, known)}`,
    fix: `see what is set:  claude-routing-install doctor why${nearest === undefined ? '' : `   or  doctor why ${nearest}`}`,
  });
}
