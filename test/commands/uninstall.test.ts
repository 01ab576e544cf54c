import { expect, it } from 'vitest';
import { pastClosedFiles } from '../../src/commands/uninstall.ts';
import { FakeHost } from '../machine/doubles/fake-host.ts';

it('a file that nobody may read reads as none and is told; a folder holds something', async () => {
  const refusing = new FakeHost({ '/a': 'text', '/b': { text: 'closed', refuses: 'EACCES' } });
  refusing.list = async (path) => {
    throw Object.assign(new Error('EACCES'), { code: 'EACCES', path });
  };
  const { host, closed } = pastClosedFiles(refusing);
  expect([await host.readFile('/a'), await host.readFile('/b')]).toEqual(['text', undefined]);
  const [inside] = await host.list('/folder');
  expect(await host.stat(`/folder/${inside}`)).toBeUndefined();
  expect(closed()).toEqual([
    { what: '/b', why: expect.stringContaining('permission denied') as string, command: 'ls -ld /b' },
    { what: '/folder', why: expect.stringContaining('permission denied') as string, command: 'ls -ld /folder' },
  ]);
});

it('what is no refusal of the system is thrown on', async () => {
  const broken = new FakeHost();
  broken.readFile = async () => {
    throw new Error('a bug');
  };
  await expect(pastClosedFiles(broken).host.readFile('/a')).rejects.toThrow('a bug');
});
