import { expect, it } from 'vitest';
import { containerLog } from '../../src/docker-client/container.ts';

it('tells what a container said last, but no line that quotes a conversation', async () => {
  const asked: unknown[] = [];
  const query = async (command: unknown) => {
    asked.push(command);
    const stdout = 'started\nrequest: {"messages": [{"role": "user", "content": "my diary"}]}\n';
    return { exitCode: 0, stdout, stderr: "litellm.Timeout: {'prompt': 'my diary'}\nkilled\n" };
  };
  const told = await containerLog({ query }, { sessionEnv: { XDG_RUNTIME_DIR: '/run/user/1000' } }, 'litellm', 20);
  expect(told).not.toContain('diary');
  expect(told).toMatch(/^started\n\(a line [^\n]*\n\n\(a line [^\n]*\nkilled\n$/);
  expect(asked).toEqual([
    { file: 'docker', args: ['logs', '--tail', '20', 'litellm'], env: { XDG_RUNTIME_DIR: '/run/user/1000' } },
  ]);
});
