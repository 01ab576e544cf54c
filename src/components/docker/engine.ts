import type { CheckContext } from '../../checks/check-context.ts';
import type { Command, CommandResult } from '../../host/host.ts';
import { type InspectedContainer, readContainer } from '../../resources/inspected-container.ts';

type Looking = Pick<CheckContext, 'probe' | 'layout'>;

/** The docker client in front of this account's own engine, whatever this shell says. */
export function docker({ layout }: Pick<Looking, 'layout'>, ...args: readonly string[]): Command {
  return { file: 'docker', args, env: layout.sessionEnv };
}

/** What the engine says of itself. Asked first by everything that needs it: a hanging engine is waited for only once. */
export async function askEngine(looking: Looking): Promise<CommandResult> {
  return await looking.probe.query(docker(looking, 'version', '-f', '{{.Server.Version}} (rootless)'));
}

/** The gateway's container: undefined where there is none, `no-engine` where there is nobody to ask. */
export async function gatewayContainer(looking: Looking): Promise<InspectedContainer | undefined | 'no-engine'> {
  if ((await askEngine(looking)).exitCode !== 0) return 'no-engine';
  const { stdout } = await looking.probe.query(docker(looking, 'container', 'inspect', looking.layout.containerName));
  return readContainer(stdout);
}

/** The last lines of a program's words that are not empty, without their colours. */
export function lastWords(text: string, count = 2): readonly string[] {
  const lines = text.split('\n').map((line) => line.replace(colours, '').trim());
  return lines.filter((line) => line !== '').slice(-count);
}

const colours = /\x1b\[[0-9;]*m/g;
