import type { Probe } from '../../host/host.ts';
import type { Layout } from '../../layout.ts';
import { withoutRequests } from '../../text/without-requests.ts';

/**
 * The last lines that a container wrote, without those that could quote a conversation: LiteLLM logs requests that fail. The
 * only place that asks for them, so that none gets onto a screen, into a report or into JSON.
 */
export async function containerLog(
  probe: Pick<Probe, 'query'>,
  { sessionEnv }: Pick<Layout, 'sessionEnv'>,
  name: string,
  lines: number,
): Promise<string> {
  const args = ['logs', '--tail', String(lines), name];
  const { stdout, stderr } = await probe.query({ file: 'docker', args, env: sessionEnv });
  return withoutRequests(`${stdout}\n${stderr}`);
}
