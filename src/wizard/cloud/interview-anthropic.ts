import { type CloudModel, listModels, type Models, proposeModels } from '../../components/cloud/anthropic.ts';
import { anthropicKeyProblem } from '../../components/cloud/anthropic-errors.ts';
import { modelFamilies } from '../../config/schema.ts';
import type { Secret } from '../../host/secret.ts';
import { failure, type Result } from '../../problem.ts';
import { counted } from '../../text/counted.ts';
import { tellProblem } from '../../ui/wording.ts';
import type { Asked, Asking } from '../questions.ts';
import { askKey, keptHint } from './interview-key.ts';

interface AnthropicAsked {
  readonly models: Models;
  readonly listed: readonly CloudModel[];
}

/** The key of the Claude API, tried for free, and the account's models for Claude Code's families. */
export async function askAnthropic(about: Asking): Promise<Asked<AnthropicAsked>> {
  const { ui, questions, known } = about;
  const hint = 'begins with sk-ant-api; create one at platform.claude.com/settings/keys';
  questions.begin('Claude API key', `${hint}.`, ...keptHint(known.anthropicKey));
  const accepted = await acceptedKey(about);
  if (accepted === 'back') return accepted;
  const { key, found } = accepted;
  ui.say(`     The key works; checking it cost nothing. ${counted(found.length, 'model')}.`);
  const models = await chooseModels(about, found);
  return { models, listed: found, secrets: { anthropicKey: key } };
}

async function acceptedKey(
  about: Asking,
): Promise<{ readonly key: Secret; readonly found: readonly CloudModel[] } | 'back'> {
  const { ui } = about;
  const question = { name: 'anthropicKey', message: 'Key', problem: anthropicKeyProblem } as const;
  let key = await askKey(about, question, about.known.anthropicKey);
  for (;;) {
    const found = await ui.busy('trying the key', tried(about, key));
    if (found.ok) return { key, found: found.value };
    tellProblem(ui, found.problem, 'warning');
    const answer = await whatNow(about);
    if (answer === 'back') return answer;
    if (answer === 'another') key = await askKey(about, question, undefined);
  }
}

async function tried({ probe }: Asking, key: Secret): Promise<Result<readonly CloudModel[]>> {
  const found = await listModels(probe, key);
  if (!found.ok || Object.keys(proposeModels(found.value)).length > 0) return found;
  return failure({
    code: 'cloud-models-not-chosen',
    problem: 'The key works, but its account has none of the models that Claude Code uses.',
    fix: 'Use a key of another workspace.',
  });
}

async function whatNow({ ui }: Asking): Promise<'another' | 'again' | 'back'> {
  return await ui.choose({
    message: 'What now?',
    choices: [
      { value: 'another', label: 'type the key again, or another one' },
      { value: 'again', label: 'try the same key again' },
      { value: 'back', label: 'choose another cloud, or none' },
    ],
  });
}

/** The newest of each family; earlier ones are kept while the account has them, unless the person wants the newest. */
async function chooseModels(about: Asking, models: readonly CloudModel[]): Promise<Models> {
  const { ui, earlier } = about;
  const newest = proposeModels(models);
  const kept = stillThere(earlier?.cloud.anthropic?.models ?? {}, models, about);
  const newer = modelFamilies
    .flatMap((family) => (kept[family] === newest[family] ? [] : [newest[family]]))
    .filter((id) => id !== undefined);
  if (Object.keys(kept).length === 0 || newer.length === 0) return newest;
  const answer = await ui.choose({
    id: 'claude-models',
    message: 'Models',
    choices: [
      { value: 'kept', label: 'as before', detail: Object.values(kept).join(', ') },
      { value: 'newest', label: 'the newest', detail: Object.values(newest).join(', ') },
    ],
  });
  return answer === 'kept' ? kept : newest;
}

function stillThere(before: Record<string, string | undefined>, models: readonly CloudModel[], { ui }: Asking): Models {
  const ids = new Set(models.map(({ id }) => id));
  const gone = Object.values(before).filter((id) => id !== undefined && !ids.has(id));
  if (gone.length > 0) ui.say(`     No longer available: ${gone.join(', ')}.`, 'warning');
  return Object.fromEntries(Object.entries(before).filter(([, id]) => id !== undefined && ids.has(id)));
}
