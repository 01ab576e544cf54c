import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';

/** What is asked, and whose processor's time counts. */
export interface Target {
  readonly url: string;
  readonly path: string;
  readonly model: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly pid: number | undefined;
}

/** What came of so many requests: each one's time, how many a second, the processor's time of the gateway for each. */
export interface Load {
  readonly milliseconds: readonly number[];
  readonly perSecond: number;
  readonly cpuMs: number;
}

const TICK_MS = 10;

/** So many requests of 80,000 bytes by so many clients at once, each with one connection, one behind the other. Fails on any answer but a whole one. */
export async function load(target: Target, streamed: boolean, clients: number, requests: number): Promise<Load> {
  const body = Buffer.from(bodyFor(target.model, streamed));
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const milliseconds: number[] = [];
  let left = requests;
  const client = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      milliseconds.push(await once(target, body, agent));
    }
  };
  const cpuBefore = cpuMilliseconds(target.pid);
  const began = performance.now();
  await Promise.all(Array.from({ length: clients }, client));
  const took = performance.now() - began;
  const cpuMs = (cpuMilliseconds(target.pid) - cpuBefore) / requests;
  agent.destroy();
  return { milliseconds, perSecond: (1000 * requests) / took, cpuMs };
}

function once(target: Target, body: Buffer, agent: Agent): Promise<number> {
  const began = performance.now();
  const headers = {
    'content-type': 'application/json',
    'content-length': body.length,
    'anthropic-version': '2023-06-01',
    ...target.headers,
  };
  return new Promise((resolve, reject) => {
    const sent = request(`${target.url}${target.path}`, { method: 'POST', agent, headers }, (response) => {
      let said = '';
      response.setEncoding('utf8').on('data', (text: string) => (said += text));
      response.on('error', reject).on('end', () => {
        if (response.statusCode === 200 && /message_stop|"stop_reason": ?"end_turn"/.test(said))
          resolve(performance.now() - began);
        else reject(new Error(`${target.url}: ${response.statusCode} ${said.slice(0, 500)}`));
      });
    });
    sent.on('error', reject).end(body);
  });
}

/** User's and system's time of a process, all threads; 0 of none. Source: proc(5), fields 14 and 15 of stat. */
export function cpuMilliseconds(pid: number | undefined): number {
  if (pid === undefined) return 0;
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return TICK_MS * (Number(fields[11]) + Number(fields[12]));
}

/** What a process holds, in megabytes. */
export function residentMegabytes(pid: number): number {
  const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kilobytes) / 1024);
}

/** Of Claude Code's shape: tools with their schemas, a system prompt, some turns. */
function bodyFor(model: string, stream: boolean): string {
  const property = (index: number) => ({ type: 'string', description: `What the ${index}th of them says. `.repeat(6) });
  const tools = Array.from({ length: 20 }, (_, index) => ({
    name: `Tool${index}`,
    description: 'Does what its name says, and says so when it cannot. '.repeat(30),
    input_schema: {
      type: 'object',
      properties: Object.fromEntries(Array.from({ length: 5 }, (_one, place) => [`field_${place}`, property(place)])),
      required: ['field_0'],
    },
  }));
  const turns = Array.from({ length: 10 }, (_, index) => ({
    role: index % 2 === 0 ? 'user' : 'assistant',
    content: [{ type: 'text', text: `This is what was said in turn ${index}. `.repeat(20) }],
  }));
  const said = {
    model,
    max_tokens: 1024,
    stream,
    system: [
      { type: 'text', text: 'x-anthropic-billing-header: cc_version=2.1.332.abc; cc_entrypoint=cli;' },
      { type: 'text', text: 'You are a coding agent. '.repeat(500), cache_control: { type: 'ephemeral' } },
    ],
    tools,
    metadata: { user_id: 'someone' },
    messages: [...turns, { role: 'user', content: [{ type: 'text', text: '' }] }],
  };
  const short = JSON.stringify(said);
  (said.messages.at(-1) as { content: { text: string }[] }).content[0] = {
    text: 'x'.repeat(80_000 - short.length),
    type: 'text',
  } as never;
  return JSON.stringify(said);
}
