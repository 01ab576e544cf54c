import { randomBytes } from 'node:crypto';
import type { Check, CheckContext, CheckFinding, InstalledCheckContext } from '../../src/checks/check.ts';
import type { InstallerStep } from '../../src/context.ts';
import type { CheckResult, Step } from '../../src/engine/step.ts';
import type { Effect } from '../../src/host/host.ts';
import { failure, type Problem, success } from '../../src/problem.ts';
import { type EditedText, type Resource, type ScriptFound, titleOf } from '../../src/resources/resource.ts';

/** What display texts are turned into. */
export type Words = (text: string) => string;

/** As they are. */
export const asTheyAre: Words = (text) => text;

/** Something else for each text, which has no word and no letter of it; twice the same for the same. */
export function atRandom(): Words {
  const known = new Map<string, string>();
  return (text) => {
    const word = known.get(text) ?? randomBytes(9).toString('base64url');
    known.set(text, word);
    return word;
  };
}

/** A step of which every text that a person sees is another one, and all else the same. */
export function renamedStep<Context, S extends Step<Context>>(step: S & Step<Context>, words: Words): S {
  return {
    ...step,
    title: words(step.title),
    why: words(step.why),
    guidePhase: words(step.guidePhase),
    resources: async (context, probe) =>
      (await step.resources(context, probe)).map((resource) => renamedResource(resource, words)),
    ...(step.notNeeded === undefined
      ? {}
      : { notNeeded: (context: Context) => maybe(step.notNeeded?.(context), words) }),
    ...(step.requires === undefined
      ? {}
      : {
          requires: step.requires.map(({ name, run }) => ({
            name: words(name),
            run: async (...about: Parameters<typeof run>) => renamedFinding(await run(...about), words),
          })),
        }),
    ...(step.proofs === undefined
      ? {}
      : {
          proofs: step.proofs.map((proof) => ({
            ...proof,
            name: words(proof.name),
            run: async (...about: Parameters<typeof proof.run>) => {
              const result = await proof.run(...about);
              if (!result.ok) return failure(renamedProblem(result.problem, words));
              const { note, warning } = result.value;
              return success({
                note: words(note),
                ...(warning === undefined ? {} : { warning: renamedProblem(warning, words) }),
              });
            },
          })),
        }),
  };
}

/** The same of the installation's steps. */
export function renamedSteps(steps: readonly InstallerStep[], words: Words): readonly InstallerStep[] {
  return steps.map((step) => renamedStep(step, words));
}

/** A look of the doctor whose findings are told in other words. */
export function renamedCheck(check: Check, words: Words): Check {
  const renamed = (found: readonly CheckFinding[]) => found.map((one) => renamedFound(one, words));
  const about = words(check.about);
  if (check.on === 'machine')
    return { ...check, about, look: async (examination: CheckContext) => renamed(await check.look(examination)) };
  return {
    ...check,
    about,
    look: async (examination: InstalledCheckContext) => renamed(await check.look(examination)),
  };
}

function renamedFound(found: CheckFinding, words: Words): CheckFinding {
  const { fix, fixWith, ...about } = found;
  const said = {
    ...about,
    problem: words(found.problem),
    symptom: words(found.symptom),
    evidence: found.evidence.map((shown) => ({ ...shown, text: words(shown.text) })),
  };
  if (fixWith === undefined) return { ...said, fix: words(fix) };
  return { ...said, fixWith: fixWith.map((resource: Resource) => renamedResource(resource, words)) };
}

/** A resource under another title, which says of itself what it says in other words. */
function renamedResource(resource: Resource, words: Words): Resource {
  const title = words(titleOf(resource));
  if (resource.kind === 'script')
    return {
      ...resource,
      title,
      ...(resource.effects === undefined
        ? {}
        : { effects: resource.effects.map((effect) => renamedEffect(effect, words)) }),
      inspect: async (probe) => renamedScript(await resource.inspect(probe), words),
    };
  if (resource.kind !== 'file' || typeof resource.content !== 'function') return { ...resource, title };
  const { content } = resource;
  return { ...resource, title, content: (current) => renamedEdit(content(current), words) };
}

function renamedEdit(edited: EditedText, words: Words): EditedText {
  if (!edited.ok) return failure(renamedProblem(edited.problem, words));
  const { text, notes } = edited.value;
  return success({ text, ...(notes === undefined ? {} : { notes: notes.map(words) }) });
}

function renamedScript(found: ScriptFound, words: Words): ScriptFound {
  switch (found.status) {
    case 'ok':
      return { ...found, note: words(found.note) };
    case 'later':
      return { ...found, waitsFor: words(found.waitsFor) };
    case 'blocked':
      return renamedProblem(found, words);
    case 'change':
      return {
        ...found,
        summary: words(found.summary),
        ...(found.effects === undefined
          ? {}
          : { effects: found.effects.map((effect) => renamedEffect(effect, words)) }),
      };
  }
}

function renamedEffect(effect: Effect, words: Words): Effect {
  return effect.do === 'run' || effect.do === 'send' ? { ...effect, why: words(effect.why) } : effect;
}

function renamedProblem<P extends Problem>(problem: P, words: Words): P {
  return { ...problem, problem: words(problem.problem), fix: words(problem.fix) };
}

function renamedFinding(finding: CheckResult, words: Words): CheckResult {
  return finding.status === 'ok' ? { ...finding, note: words(finding.note) } : renamedProblem(finding, words);
}

function maybe(text: string | undefined, words: Words): string | undefined {
  return text === undefined ? undefined : words(text);
}
