import { afterAll, expect, it } from 'vitest';
import { startPython } from './python-call.ts';

const python = startPython();
afterAll(() => python.end());

it('the collector of garbage is put aside from the first import on, and back once everything is there', async () => {
  expect(await python.call('gc', 'isenabled')).toBe(false);
  expect(await python.call('gc', 'get_freeze_count')).toBe(0);
  await python.call('sitecustomize', 'start_up_is_over');
  expect(await python.call('gc', 'isenabled')).toBe(true);
  expect(await python.call('gc', 'get_freeze_count')).toBeGreaterThan(0);
});
