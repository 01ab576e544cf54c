import { readdir } from 'node:fs/promises';
import { afterAll, expect, it } from 'vitest';
import { ask, claudeRequest } from './messages-client.ts';
import { startPython } from './python-call.ts';
import { setScene } from './scene.ts';

const python = startPython();
afterAll(() => python.end());

it('the collector of garbage is put aside from the first import on, and back once everything is there', async () => {
  expect(await python.call('gc', 'isenabled')).toBe(false);
  expect(await python.call('gc', 'get_freeze_count')).toBe(0);
  await python.call('sitecustomize', 'start_up_is_over');
  expect(await python.call('gc', 'isenabled')).toBe(true);
  expect(await python.call('gc', 'get_freeze_count')).toBeGreaterThan(0);
});

it('the first requests are its own: what LiteLLM imports for them is there before anybody asks, and nobody hears of them', async () => {
  const scene = await setScene({ environment: { PYTHONPROFILEIMPORTTIME: '1' } });
  try {
    const imported = (log: string) =>
      [...log.matchAll(/\| litellm\.\S+(default_encoding|mcp_server_manager)$/gm)].map(([, name]) => name);
    await expect
      .poll(() => new Set(imported(scene.gateway.log())), { timeout: 60_000 })
      .toEqual(new Set(['default_encoding', 'mcp_server_manager']));
    const before = scene.gateway.log().length;
    expect([await readdir(scene.gateway.requestLogDir), scene.lmStudio.requests]).toEqual([[], []]);
    expect(await ask(scene.gateway, claudeRequest('local', 'hello'))).toMatchObject({ status: 200 });
    expect(imported(scene.gateway.log().slice(before))).toEqual([]);
    expect(scene.gateway.log()).not.toContain('ERROR');
  } finally {
    await scene.close();
  }
});
