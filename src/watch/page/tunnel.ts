import { shellWord } from '../../shell/word.ts';

/** Who is to come in, and where. */
interface Tunnel {
  readonly port: number;
  readonly user: string;
  /** Of this machine, where nothing better is known. */
  readonly hostName: string;
  /** `SSH_CONNECTION`, where the program was started over ssh. */
  readonly connection: string | undefined;
}

/**
 * What to type on one's own machine to have this port of the loopback there. The address and the port of ssh are those by which the
 * person came in: SSH_CONNECTION has them as its third and fourth word (ssh(1), ENVIRONMENT).
 */
export function tunnelLine({ port, user, hostName, connection = '' }: Tunnel): string {
  const [, address, sshPort = '22'] = /^\S+ \d+ ([\da-f:.]+(?:%[\w.-]+)?) (\d{1,5})$/i.exec(connection) ?? [];
  const way = sshPort === '22' ? '' : ` -p ${sshPort}`;
  return `ssh -N${way} -L ${port}:127.0.0.1:${port} ${shellWord(`${user}@${address ?? hostName}`)}`;
}
