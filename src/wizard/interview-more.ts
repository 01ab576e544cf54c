import { askMain, type CloudAnswers, type CloudInterviewed, countMain } from './cloud/interview-cloud.ts';
import type { Asking } from './interview.ts';
import { askOptions, keptOptions, keptOptionWords, type OptionsInterviewed } from './interview-options.ts';
import type { LocalInterviewed } from './local-model/interview-local.ts';
import { askReading, askTools, keptReading } from './local-model/interview-reading.ts';

export interface MoreInterviewed {
  readonly localModel: LocalInterviewed['localModel'];
  /** Whether the launchers offer it the core tools only. */
  readonly leanLocal: boolean;
  readonly cloud: CloudAnswers;
  readonly options: OptionsInterviewed;
}

/** What most people leave as it is: asked only of who likes to be asked. Nothing in it is needed for a first run. */
export async function askMore(
  about: Asking,
  local: LocalInterviewed,
  behind: CloudInterviewed,
): Promise<MoreInterviewed> {
  const { ui, earlier, questions } = about;
  const { localModel, measurable } = local;
  const leanLocal = earlier?.launchers.leanLocal ?? true;
  questions.begin('Anything else?', `Defaults: ${keptWords(about, leanLocal, behind)}.`);
  const front = countMain(behind.found) > 1;
  const further = [...(measurable === undefined ? [] : ['reading speed']), 'tools', ...(front ? ['main model'] : [])];
  const answer = await ui.choose({
    id: 'more-questions',
    message: 'More questions',
    choices: [
      { value: 'no', label: 'no, that is all' },
      { value: 'yes', label: 'yes', detail: [...further, 'options'].join(', ') },
    ],
  });
  if (answer === 'no')
    return { localModel, leanLocal, cloud: behind.cloud, options: keptOptions(earlier, behind.cloud) };
  questions.expect(further.length + 1);
  const { firstAnswer, ...speed } =
    measurable === undefined ? keptReading(localModel.tokensPerSecond) : await askReading(about, measurable);
  const lean = await askTools(about, firstAnswer);
  const cloud = front ? await askMain(about, behind.found) : behind.cloud;
  const { tokensPerSecond: _before, ...unmeasured } = localModel;
  return { localModel: { ...unmeasured, ...speed }, leanLocal: lean, cloud, options: await askOptions(about, cloud) };
}

function keptWords({ earlier }: Asking, leanLocal: boolean, { cloud }: CloudInterviewed): string {
  const front = cloud.main === undefined ? [] : [`${cloud.main} as main model`];
  return [leanLocal ? 'core tools' : 'all tools', ...front, ...keptOptionWords(earlier, cloud)].join(', ');
}
