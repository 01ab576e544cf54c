import script from '../../../templates/sentinel/sentinel.bash?raw';
import service from '../../../templates/sentinel/sentinel.service?raw';
import timer from '../../../templates/sentinel/sentinel.timer?raw';
import { type Answers, localAddresses } from '../../config/schema.ts';
import type { Context, InstallerStep } from '../../context.ts';
import type { Probe } from '../../host/host.ts';
import type { Layout } from '../../layout.ts';
import type { FileResource, Resource, ResourceId } from '../../resources/resource.ts';
import { shellWord } from '../../shell/word.ts';
import { filledWith, isOwnText } from '../../text/template.ts';
import { localNames } from '../gateway/models.ts';
import { routedRoute } from '../gateway/routing/profiles.ts';

export const sentinel: InstallerStep = {
  id: 'sentinel',
  title: 'sentinel',
  guidePhase: 'phase 10',
  why: 'Claude Code updates itself. A timer notices that and tests both routes once; the next launch tells you if one fails.',
  resources: async (context, probe) =>
    context.answers.launchers.sentinel
      ? [...files(context), timerUnit('running-at-boot')]
      : [...(await timerOff(context, probe)), ...files(context), found(context)],
};

/** Removed when it is no longer chosen. */
function files({ answers, layout }: Context): readonly Resource[] {
  const wanted = answers.launchers.sentinel;
  const file = (id: ResourceId, title: string, path: string, text: string, mode: number): FileResource => ({
    kind: 'file',
    id,
    title,
    path,
    content: wanted ? text : undefined,
    isOurs: isOwnText,
    mode,
    directoryMode: 0o700,
  });
  return [
    file('sentinel-script', 'sentinel', layout.sentinelScript, sentinelScript(answers, layout), 0o755),
    file('sentinel-service', "sentinel's service", layout.sentinelService, service, 0o644),
    file('sentinel-timer', "sentinel's timer", layout.sentinelTimer, timer, 0o644),
  ];
}

/** The timer as it is wanted. */
function timerUnit(wanted: 'running-at-boot' | 'off'): Resource {
  return {
    kind: 'systemd-unit',
    id: 'timer-of-the-sentinel',
    unit: 'claude-routing-sentinel.timer',
    scope: 'user',
    wanted,
    comesWith: 'its file',
  };
}

/** Stopped before its files go; if it never existed, or is somebody else's, no service manager is asked. */
export async function timerOff({ layout }: Pick<Context, 'layout'>, probe: Probe): Promise<readonly Resource[]> {
  const text = await probe.readFile(layout.sentinelTimer).catch(() => undefined);
  return isOwnText(text ?? '') ? [timerUnit('off')] : [];
}

/** What it found: nobody reads it any more. */
function found({ layout }: Context): Resource {
  return {
    kind: 'file',
    id: 'sentinel-last-word',
    title: 'last result of the sentinel',
    path: layout.sentinelState,
    content: undefined,
    mode: 0o600,
    disposable: true,
  };
}

/** Seconds; tests do not wait so long. */
interface SentinelPatience {
  /** For the gateway to become ready. */
  readonly ready: number;
  /** For one answer through the client; a slow model takes minutes to read its first prompt. */
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
