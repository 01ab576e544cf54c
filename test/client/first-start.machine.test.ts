import { afterAll, beforeAll, expect, it } from 'vitest';
import { pastFirstScreens } from '../../src/components/launchers/step.ts';
import { type ClientLab, openClientLab } from './client-lab.ts';

let lab: ClientLab;
beforeAll(async () => {
  lab = await openClientLab();
});
afterAll(() => lab.close());

it('the first thing that the client asks is whether the folder is trusted', async () => {
  await lab.converse(
    'claude-routed',
    { directory: 'clone', state: pastFirstScreens },
    async ({ terminal, say, until }) => {
      await terminal.sees('Yes, I trust this folder');
      expect(terminal.text).not.toContain('text style');
      terminal.press('Down');
      await terminal.sees('❯ Yes, I trust this folder');
      terminal.press('Enter');
      await terminal.sees('Claude Code v');
      await say('good morning');
      await until(({ body }) => JSON.stringify(body).includes('good morning'));
    },
  );
});
