import type { Words } from '../../checks/check.ts';
import { namedModels, setModel } from '../../config/set-option.ts';
import { comfortableWindow, smallestWindow, windowVerdict } from './context-window.ts';
import { isModel, type LocalModel } from './lm-studio.ts';
import { kindWords, type ServerKind } from './server-kinds.ts';

interface ModelTrouble extends Words {
  readonly fix: string;
  /** Whether the server has the model, so that it can load it. */
  readonly listed: boolean;
}

/** What is looked at of the chosen model. */
interface Wanted {
  readonly address: string;
  readonly kind: ServerKind;
  readonly model?: string | undefined;
  readonly contextWindow?: number | undefined;
}

/** What is wrong with the chosen model among those that a server lists. */
export function modelTrouble(models: readonly LocalModel[], wanted: Wanted): ModelTrouble | undefined {
  const { address, kind, model = '', contextWindow = comfortableWindow } = wanted;
  const instances = models.filter((one) => isModel(one, model));
  const others = namedModels(models.filter(({ loaded }) => loaded === true));
  const evidence = [{ text: `${address}, loaded: ${others || 'none'}` }];
  const [best] = [...instances].sort((a, b) => (b.contextWindow ?? 0) - (a.contextWindow ?? 0));
  if (best === undefined)
    return {
      symptom: 'claude-local is answered by the cloud, or not at all',
      code: 'local-model-missing',
      problem: `${address} no longer has ${model}`,
      evidence,
      severity: 'broken',
      fix: `download it there again, or choose another one:  claude-routing-install ${setModel(models)}`,
      listed: false,
    };
  // Ollama loads on demand and takes out of memory what nobody asked for in five minutes: that is how it works.
  if (best.loaded === false && kind === 'ollama') return undefined;
  if (best.loaded === false)
    return {
      symptom: 'The first request waits for minutes, or runs with too small a window',
      code: 'local-model-not-loaded',
      problem: `${model} is not loaded${others === '' ? '' : `, ${others} is`}; loaded on demand, it gets ${kindWords[kind].server}'s own small window`,
      evidence,
      severity: 'broken',
      fix: `there:  ${kindWords[kind].load(best.key, contextWindow)}`,
      listed: true,
    };
  return tooSmall(best, { address, kind, model, contextWindow });
}

function tooSmall(
  best: LocalModel,
  { address, kind, model, contextWindow: wanted }: Required<Wanted>,
): ModelTrouble | undefined {
  const verdict = windowVerdict(best.contextWindow, kind);
  if (verdict.level === 'ok' && (best.contextWindow ?? 0) >= (wanted ?? 0)) return undefined;
  if (best.contextWindow === undefined || wanted === undefined) return undefined;
  const broken = best.contextWindow < smallestWindow || best.contextWindow < wanted / 2;
  const size = Math.max(wanted, comfortableWindow);
  const { reload, widen } = kindWords[kind];
  return {
    symptom: broken
      ? `a prompt is refused as too long${kind === 'lm-studio' ? ': n_keep >= n_ctx' : ''}`
      : 'Claude Code summarises the conversation again and again',
    code: 'context-window-small',
    problem: `${model} is loaded with ${best.contextWindow.toLocaleString('en-US')} tokens`,
    evidence: [{ text: `${address}, loaded now: ${best.contextWindow}; when it was installed: ${wanted}` }],
    severity: broken ? 'broken' : 'note',
    // Two blanks begin a line to type, which is not broken; the others' words are a sentence.
    fix:
      reload === undefined
        ? `there: ${widen(`${size.toLocaleString('en-US')} tokens`, model)}`
        : `there:  ${reload(best.id, best.key, size)}`,
    listed: true,
  };
}
