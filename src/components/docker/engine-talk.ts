import type { Command, Effect, Probe } from '../../host/host.ts';
import type { Layout } from '../../layout.ts';

/** The engine's answer: whether there is an engine, whether it knows the thing, and what it says of it. */
export async function ask(
  probe: Probe,
  { sessionEnv }: Layout,
  args: readonly string[],
): Promise<{ readonly answers: boolean; readonly exists: boolean; readonly said: string }> {
  const { exitCode, stdout, stderr } = await probe.query({ file: 'docker', args, env: sessionEnv });
  const exists = exitCode === 0;
  return { answers: exists || /no such|not found/i.test(stderr), exists, said: exists ? stdout.trim() : '' };
}

/** A change that the docker client brings about. */
export function docker({ sessionEnv }: Layout, args: readonly string[], why: string): Effect {
  const command: Command = { file: 'docker', args, env: sessionEnv };
  return { do: 'run', why, command };
}
