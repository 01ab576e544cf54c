import { afterAll, describe, expect } from 'vitest';
import { itRecoversFrom, momentsOfInstallation } from './failing-commands.ts';

const installation = await momentsOfInstallation();
afterAll(async () => {
  for (const { before } of installation.moments) before.discard();
  await installation.machine.destroy();
  expect(installation.machine.log.surprises).toEqual([]);
});

// The other half stands in a file of its own, so that both run at the same time.
describe('every command with an odd number that changes something, made to fail', () => {
  itRecoversFrom(installation, (index) => index % 2 === 0);
});
