import { shellWord } from '../shell/word.ts';
import { localModelIdProblem, shownModelId } from './model-id.ts';

/** `--set KEY=VALUE` to be typed in a shell, for a key that takes a text. */
export function setOption(path: string, text: string): string {
  // A text in quotation marks is read without them, so one that has its own gets another pair.
  const written = /^(["'])[\s\S]*\1$/.test(text) ? JSON.stringify(text) : text;
  return `--set ${shellWord(`${path}=${written}`)}`;
}

/** The same for the first of these models that can be used, otherwise with a placeholder. */
export function setModel(models: readonly { readonly id: string }[]): string {
  const usable = models.find(({ id }) => localModelIdProblem(id) === undefined);
  return setOption('localModel.model', usable?.id ?? 'NAME');
}

/** As many ids as fit into a sentence. */
const mostNamed = 8;

/** What a server lists, to be read in a sentence. */
export function namedModels(models: readonly { readonly id: string }[]): string {
  const named = models.slice(0, mostNamed).map(({ id }) => shownModelId(id));
  const rest = models.length - named.length;
  return `${named.join(', ')}${rest > 0 ? ` and ${rest.toLocaleString('en-US')} more` : ''}`;
}
