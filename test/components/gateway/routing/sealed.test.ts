import { expect, it } from 'vitest';
import { sealedFoldersThere } from '../../../../src/components/gateway/routing/sealed.ts';
import { answersSchema } from '../../../../src/config/schema.ts';
import type { Probe } from '../../../../src/host/host.ts';
import { RealHost } from '../../../../src/host/real-host.ts';
import { createMasking } from '../../../../src/host/secret.ts';
import { layoutFor } from '../../../../src/layout.ts';
import { put, scratchDirectory } from '../../../render/scratch.ts';

const probe: Probe = new RealHost({ uid: 0, env: {}, backupFolder: '/nowhere', masking: createMasking() });
const parse = (sealed: readonly string[]) =>
  answersSchema.safeParse({ version: 1, localModel: { address: '192.0.2.1' }, routing: { sealed } });

async function looked(home: string, ...sealed: readonly string[]): Promise<unknown> {
  const read = parse(sealed);
  if (!read.success) throw read.error;
  const [resource] = sealedFoldersThere(read.data, layoutFor({ user: 'ada', uid: 1001, home }));
  return resource?.kind === 'script' ? await resource.inspect(probe) : undefined;
}

it('asks for sealed folders that are there, before Docker makes them', async () => {
  const home = scratchDirectory();
  put(`${home}/private/a.txt`, 'x');
  expect(await looked(home)).toBeUndefined();
  expect(await looked(home, '~/private')).toEqual({ status: 'ok', note: '1 folder whose text never reaches a cloud' });
  for (const missing of ['~/prvate', '~/private/a.txt'])
    expect(await looked(home, '~/private', missing)).toMatchObject({
      status: 'blocked',
      code: 'sealed-folder-missing',
      problem: expect.stringContaining(missing.replace('~', home)),
    });
});

it.each([
  ['private', 'a folder, beginning with'],
  ['/', 'a folder, beginning with'],
  ['~', 'a folder, beginning with'],
  ['~/a:b', 'a colon'],
  ['~/$HOME', 'a dollar sign'],
  ['~/a/../b', '. or ..'],
])('refuses %s', (folder, why) => {
  expect(parse([folder]).error?.issues[0]?.message).toContain(why);
});

it('takes each folder once, however it is written, and no rule of the name that it has in the log', () => {
  expect(parse(['~/a//b/']).data?.routing.sealed).toEqual(['~/a/b']);
  expect(parse(['~/a', '~/a/']).success).toBe(false);
  const named = {
    version: 1,
    localModel: { address: '192.0.2.1' },
    routing: { rules: [{ name: 'sealed-folder', model: 'local' }] },
  };
  expect(answersSchema.safeParse(named).error?.issues[0]?.message).toContain('must not be sealed-folder');
});
