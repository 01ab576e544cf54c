import script from '../../../templates/sentinel/sentinel.bash?raw';
import { type Answers, localAddresses } from '../../config/schema.ts';
import type { Layout } from '../../layout.ts';
import { shellWord } from '../../shell/word.ts';
import { filledWith } from '../../text/template.ts';
import { localNames } from '../gateway/models.ts';
import { routedRoute } from '../gateway/routing/profiles.ts';

/** Seconds; a test need not wait so long. */
interface SentinelPatience {
  /** For the gateway to become ready. */
  readonly ready: number;
  /** For one answer through the client; a slow model reads its first prompt for minutes. */
  readonly answer: number;
}

const usual: SentinelPatience = { ready: 180, answer: 600 };

/**
 * The compat sentinel: self-contained bash, because this program is not installed on the machine. It does nothing while
 * what is installed is what was proven last; otherwise it tries the routes and keeps one line about it. It reads no key.
 */
export function sentinelScript(answers: Answers, layout: Layout, patience: SentinelPatience = usual): string {
  const toCloud = !localNames.includes(routedRoute(answers).main);
  return filledWith(script, {
    state: shellWord(layout.sentinelState),
    stamp: shellWord(layout.proofStamp),
    lock: shellWord(layout.lockFile),
    bin: shellWord(layout.binDir),
    runtime: shellWord(layout.runtimeDir),
    gateway: shellWord(layout.gatewayUrl),
    socket: shellWord(layout.dockerSocket),
    container: layout.containerName,
    config: shellWord(layout.gatewayConfig),
    localAnswers: localAddresses(answers.localModel).map(looksAt).join(' || '),
    routed: toCloud ? 'yes' : "''",
    readySeconds: String(patience.ready),
    trySeconds: String(patience.answer),
  });
}

function looksAt(address: string): string {
  return `curl -q -s -m 5 -o /dev/null --noproxy '*' ${shellWord(address)}/v1/models`;
}

/**
 * Bash for a launcher: one line on a terminal when the sentinel's last proof failed, and nothing otherwise. Starts no
 * program.
 */
export function sentinelNotice(name: string, { sentinelState }: Layout): string {
  const state = shellWord(sentinelState);
  return `
# What the compat sentinel found out after an update.
if [ -t 2 ] && [ -r ${state} ] && read -r found _ <${state} && [ "$found" = failed ]; then
  printf '%s\\n' '${name}: a proof failed since the last update; the cause:  npx claude-routing-install doctor' >&2
fi`;
}
