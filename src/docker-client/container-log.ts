import type { Probe } from '../host/host.ts';
import { withoutRequests } from '../text/without-requests.ts';
import { docker, type Engine } from './docker.ts';

/**
 * The last lines that a container wrote, without those that could quote a conversation: LiteLLM logs requests that fail. The
 * only place that asks for them, so that none gets onto a screen, into a report or into JSON.
 */
export async function containerLog(
  probe: Pick<Probe, 'query'>,
  engine: Engine,
  name: string,
  lines: number,
): Promise<string> {
  const { stdout, stderr } = await probe.query(docker(engine, ['logs', '--tail', String(lines), name]));
  return withoutRequests(`${stdout}\n${stderr}`);
}

/** The last lines of a program's words that are not empty, without their colours. */
export function lastWords(text: string, count = 2): readonly string[] {
  const lines = text.split('\n').map((line) => line.replace(colours, '').trim());
  return lines.filter((line) => line !== '').slice(-count);
}

const colours = /\x1b\[[0-9;]*m/g;
