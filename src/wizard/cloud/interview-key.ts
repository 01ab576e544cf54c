import { typedSecret } from '../../components/secrets-file/secret-source.ts';
import type { SecretName } from '../../config/secrets.ts';
import { Secret } from '../../host/secret.ts';
import type { Problem } from '../../problem.ts';
import type { Asking } from '../questions.ts';

export interface KeyQuestion {
  readonly name: Exclude<SecretName, 'gatewayKey'>;
  /** What the person types after. */
  readonly message: string;
  /** Why it cannot be a key of this kind, found out without sending it anywhere. */
  readonly problem?: (key: Secret) => Problem | undefined;
}

/** What to say about a key that is known already; it tells two keys apart without showing either. */
export function keptHint(kept: Secret | undefined): readonly string[] {
  return kept === undefined ? [] : [`Press Enter to keep the known one (fingerprint ${kept.fingerprint()}).`];
}

/** A key, hidden as it is typed; Enter alone keeps the known one. */
export async function askKey({ ui }: Asking, question: KeyQuestion, kept: Secret | undefined): Promise<Secret> {
  const typed = await ui.askSecret({
    message: question.message,
    empty: 'kept',
    problem: (text) => keyProblem(text, question, kept),
  });
  return typed.trim() === '' && kept !== undefined ? kept : bare(typed);
}

function keyProblem(text: string, { name, problem }: KeyQuestion, kept: Secret | undefined): string | undefined {
  if (text.trim() === '')
    return kept === undefined ? 'Paste the key. Ctrl-C quits, and nothing is changed.' : undefined;
  const key = bare(text);
  const read = typedSecret(key.reveal(), name);
  const wrong = problem?.(key) ?? (read.ok ? undefined : read.problem);
  return wrong === undefined ? undefined : `${withFullStop(wrong.problem)} ${withFullStop(wrong.fix)}`;
}

function withFullStop(sentence: string): string {
  const capital = `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}`;
  return /[.?]$/.test(capital) ? capital : `${capital}.`;
}

/** People copy the whole line from an env file. */
function bare(typed: string): Secret {
  return new Secret(
    typed
      .trim()
      .replace(/^(export\s+)?[A-Z][A-Z0-9_]*=/, '')
      .replace(/^(["'])(.*)\1$/, '$2'),
  );
}
