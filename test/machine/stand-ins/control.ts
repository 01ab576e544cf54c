import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { isRecord } from './exchange.ts';
import type { Fault } from './fault.ts';
import type { StandIn } from './stand-in.ts';

/**
 * Lets another process set faults and read logs, in JSON:
 * - `GET /` names the stand-ins
 * - `GET|DELETE /NAME/requests` reads or empties the log
 * - `GET|PATCH /NAME/settings` reads the settings or replaces some of them; an unknown setting is 400
 * - `GET|POST|DELETE /NAME/faults` reads, adds one (or a list), or removes all
 * - `POST /NAME/reset` returns to the beginning
 *
 * It has no authentication and shows settings, keys included: loopback or the lab's wire only.
 */
export function controlListener(standIns: readonly StandIn[]): RequestListener {
  return (request, response) => {
    control(standIns, request)
      .catch((error: unknown) => refusal(400, String(error)))
      .then((answer) => send(response, answer))
      .catch(() => response.destroy());
  };
}

interface ControlAnswer {
  readonly status: number;
  readonly body: unknown;
}

async function control(standIns: readonly StandIn[], request: IncomingMessage): Promise<ControlAnswer> {
  const [name = '', part = ''] = new URL(request.url ?? '/', 'http://control').pathname.split('/').slice(1);
  if (name === '') return { status: 200, body: { standIns: standIns.map((standIn) => standIn.name) } };
  const standIn = standIns.find((candidate) => candidate.name === name);
  if (standIn === undefined) return refusal(404, `no stand-in is named ${name}`);
  const body = await readJson(request);
  switch (`${request.method} ${part}`) {
    case 'GET requests':
      return { status: 200, body: standIn.requests };
    case 'DELETE requests':
      (standIn.requests as unknown[]).length = 0;
      return { status: 200, body: [] };
    case 'GET settings':
      return { status: 200, body: standIn.settings };
    case 'PATCH settings':
      return changeSettings(standIn, body);
    case 'GET faults':
      return { status: 200, body: standIn.settings.faults };
    case 'POST faults':
      standIn.settings.faults.push(...((Array.isArray(body) ? body : [body]) as Fault[]));
      return { status: 200, body: standIn.settings.faults };
    case 'DELETE faults':
      standIn.settings.faults.length = 0;
      return { status: 200, body: [] };
    case 'POST reset':
      standIn.reset();
      return { status: 200, body: standIn.settings };
    default:
      return refusal(404, `no ${request.method} ${part} here`);
  }
}

function changeSettings(standIn: StandIn, body: unknown): ControlAnswer {
  if (!isRecord(body)) return refusal(400, 'expected a JSON object');
  const unknown = Object.keys(body).filter((key) => !Object.hasOwn(standIn.settings, key));
  if (unknown.length > 0) return refusal(400, `${standIn.name} has no setting ${unknown.join(', ')}`);
  Object.assign(standIn.settings, body);
  return { status: 200, body: standIn.settings };
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  return text === '' ? undefined : (JSON.parse(text) as unknown);
}

function refusal(status: number, error: string): ControlAnswer {
  return { status, body: { error } };
}

function send(response: ServerResponse, answer: ControlAnswer): void {
  response.writeHead(answer.status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(answer.body, null, 2)}\n`);
}
