import { describe, expect, it } from 'vitest';
import type { Command, HttpRequest, Probe } from '../../src/host/host.ts';
import { withCircuitBreaker, withTimeout } from '../../src/host/wrapped-probe.ts';

/** A probe that notes what it is asked; everything else about it is a mistake. */
function noting(): { readonly probe: Probe; readonly commands: Command[]; readonly requests: HttpRequest[] } {
  const [commands, requests]: [Command[], HttpRequest[]] = [[], []];
  const never = () => Promise.reject(new Error('nobody was to ask this'));
  const query = async (command: Command) => {
    commands.push(command);
    return { exitCode: 0, stdout: `answer ${commands.length}`, stderr: '' };
  };
  const http = async (request: HttpRequest) => {
    requests.push(request);
    return { reached: false, failure: 'refused', detail: '', ms: 1 } as const;
  };
  return { probe: { readFile: never, readLines: never, stat: never, list: never, query, http }, commands, requests };
}

describe('a hurried probe', () => {
  it.each<[wanted: number | undefined, given: number]>([
    [undefined, 500],
    [200, 200],
    [10_000, 500],
  ])('gives a program that wants %s ms %s ms', async (wanted, given) => {
    const { probe, commands } = noting();
    await withTimeout(probe, 500).query({
      file: 'a',
      args: [],
      ...(wanted === undefined ? {} : { timeoutMs: wanted }),
    });
    expect(commands).toMatchObject([{ timeoutMs: given }]);
  });

  it('has another patience for exchanges where one is given', async () => {
    const { probe, requests } = noting();
    await withTimeout(probe, 5000, 100).http({ url: 'http://a' });
    expect(requests).toMatchObject([{ timeoutMs: 100 }]);
  });
});

describe('a sparing probe', () => {
  const asks = ({ file }: Command): boolean => file === 'docker';

  it('starts nothing that asks a silent service, and everything else', async () => {
    const { probe, commands } = noting();
    const spared = withCircuitBreaker(probe, asks, Promise.resolve(false));
    expect(await spared.query({ file: 'docker', args: ['version'] })).toMatchObject({ exitCode: 124, stdout: '' });
    expect(await spared.query({ file: 'df', args: [] })).toMatchObject({ exitCode: 0 });
    expect(commands.map(({ file }) => file)).toEqual(['df']);
  });

  it('asks a service that answers', async () => {
    const { probe, commands } = noting();
    await withCircuitBreaker(probe, asks, Promise.resolve(true)).query({ file: 'docker', args: ['version'] });
    expect(commands).toHaveLength(1);
  });
});
