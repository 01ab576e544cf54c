import { answersSchema } from '../../config/schema.ts';
import { given } from '../../text/json.ts';
import type { Asking } from '../asking.ts';
import type { ModelAnswers } from './interview-model.ts';

/** The model of a server that is off at the moment: what is known of it is kept, the rest has to be typed. */
export async function askAbsentModel(about: Asking, address: string): Promise<ModelAnswers> {
  const { ui, earlier, questions } = about;
  const before = earlier?.localModel.address === address ? earlier.localModel : undefined;
  questions.begin('Which model should work locally?', 'Its id as the server lists it, e.g. qwen/qwen3.6-35b-a3b');
  const model = await ui.askText({
    id: 'local-model',
    message: 'Model',
    problem: modelProblem,
    ...(before?.model === undefined ? {} : { default: before.model }),
  });
  const { contextWindow, load = false, tokensPerSecond } = before?.model === model.trim() ? before : {};
  ui.say(
    '     Not tried. Everything else will be set up; the proof at the end stops until the server answers; run this command again then.',
  );
  const measured = { ...given({ contextWindow, tokensPerSecond }) };
  const localModel = { model: model.trim(), load, ...measured };
  return { localModel, measurable: undefined };
}

function modelProblem(typed: string): string | undefined {
  const read = answersSchema.shape.localModel.shape.model.safeParse(typed.trim());
  return read.success ? undefined : `The id ${read.error.issues[0]?.message ?? 'is not one'}.`;
}
