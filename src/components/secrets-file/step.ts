import { savedAnswersText, saysTheSame } from '../../config/saved.ts';
import type { Context, InstallerStep } from '../../context.ts';
import type { EditedText, FileResource } from '../../resources/resource.ts';
import { failure, success } from '../../result.ts';
import { draftsGone } from './drafts.ts';
import { renderSecrets, secretsFileProblems, withApiKeyRenamed } from './secrets-env.ts';

/** First in line although the guide has it eighth: whoever stops half-way is not asked for the keys again. */
export const secrets: InstallerStep = {
  id: 'secrets',
  title: 'answers and keys',
  guidePhase: 'phase 8',
  why: 'Your answers for the next run, and the keys in one file that only you can read. Only the gateway gets the cloud keys.',
  resources: (context) => [
    draftsGone(context.layout, context.machine.earlierWrites),
    savedAnswers(context),
    {
      kind: 'file',
      id: 'keys',
      path: context.layout.secretsFile,
      content: (current) => editedSecrets(current, context),
      mode: 0o600,
      directoryMode: 0o700,
    },
  ],
};

/** The answers, where the next run looks for them. That this program knows more options by now is no reason to write them anew. */
export function savedAnswers({ answers, layout }: Context): FileResource {
  return {
    kind: 'file',
    id: 'your-answers',
    path: layout.savedAnswers,
    content: (current) =>
      success({ text: current !== undefined && saysTheSame(current, answers) ? current : savedAnswersText(answers) }),
    mode: 0o600,
    directoryMode: 0o700,
  };
}

function editedSecrets(current: string | undefined, { secrets: keys, layout }: Context): EditedText {
  const renamed = current === undefined ? undefined : withApiKeyRenamed(current);
  const [unsafe] = renamed === undefined ? [] : secretsFileProblems(renamed, layout.secretsFile);
  if (unsafe !== undefined) return failure(unsafe);
  const rendered = renderSecrets(renamed, keys);
  if (!rendered.ok) return rendered;
  const notes =
    renamed === current
      ? []
      : ['ANTHROPIC_API_KEY is renamed to ANTHROPIC_DIRECT_KEY: under the old name every client would bill it'];
  return success({ text: rendered.value, ...(notes.length === 0 ? {} : { notes }) });
}
