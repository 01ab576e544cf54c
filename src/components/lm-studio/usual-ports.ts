import { containerReachabilityProblem } from '../../config/address.ts';
import { setOption } from '../../config/set-option.ts';
import type { Probe } from '../../host/host.ts';
import { portOf } from '../../http/no-reply.ts';
import type { Problem } from '../../problem.ts';
import type { ProblemCode } from '../../problem-codes/index.ts';
import { identifyServer } from './local-server.ts';
import { kindWords, serverNames } from './server-kinds.ts';

/** Jan listens at the last one, by its own documentation. */
const usualPorts = [...Object.values(kindWords).flatMap(({ port }) => port ?? []), 1337];

/** Milliseconds for each look: the machine was dialled a moment ago. */
const patienceMs = 1500;

/** The machine is there, or may be, and the port is what is wrong. */
const portMayBeWrong: readonly ProblemCode[] = [
  'certificate-untrusted',
  'connection-cut',
  'connection-refused',
  'not-a-model-server',
  'timed-out',
];

/** A model server at another port of the same machine. */
export interface OtherPort {
  readonly address: string;
  readonly port: string;
  /** To stand before "answers": `Ollama`. */
  readonly who: string;
}

/**
 * The first model server at one of the usual ports of the machine, where `problem` says that none was found at `address`. Looks
 * at all ports at once, for some seconds at most, and sends no token: it is meant for the address that was given.
 */
export async function findUsualPort(
  probe: Pick<Probe, 'http'>,
  address: string,
  { code }: Problem,
): Promise<OtherPort | undefined> {
  // On the loopback no port is of use: the gateway's container cannot reach it.
  if (!portMayBeWrong.includes(code) || containerReachabilityProblem(address, []) !== undefined) return undefined;
  const others = usualPorts.filter((port) => String(port) !== portOf(address));
  const looks = await Promise.all(others.map(async (port) => await lookAt(probe, address, String(port))));
  return looks.find((found) => found !== undefined);
}

/** The same problem, with the port to take where one of the usual ones answers. */
export async function withUsualPort(probe: Pick<Probe, 'http'>, address: string, problem: Problem): Promise<Problem> {
  const other = await findUsualPort(probe, address, problem);
  if (other === undefined) return problem;
  return {
    ...problem,
    problem: `${problem.problem} ${other.who} answers on port ${other.port} of the same machine.`,
    fix: `use that port:  claude-routing-install ${setOption('localModel.address', other.address)}`,
  };
}

async function lookAt(probe: Pick<Probe, 'http'>, address: string, port: string): Promise<OtherPort | undefined> {
  const other = `http://${new URL(address).hostname}:${port}`;
  const found = await identifyServer(probe, other, undefined, patienceMs);
  if (found.ok) return { address: other, port, who: serverNames[found.value.kind] };
  return found.problem.code === 'local-token-missing'
    ? { address: other, port, who: 'A model server that wants a token' }
    : undefined;
}
