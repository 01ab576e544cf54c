import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/host/secret.ts';
import { planResource } from '../../src/resources/plan-resource.ts';
import type { FileResource } from '../../src/resources/resource.ts';
import { FakeHost } from '../machine/doubles/fake-host.ts';

const path = '/home/anna/.config/app/settings';
const wanted: FileResource = {
  kind: 'file',
  title: 'settings',
  path,
  content: 'text\n',
  mode: 0o600,
  directoryMode: 0o700,
};
const there = (text: string, mode = 0o600) => new FakeHost({ [path]: { text, mode } });

describe('a file', () => {
  it('of a person is not edited when it is no UTF-8, and the line that mends it is told', async () => {
    const shared: FileResource = { ...wanted, content: (current = '') => ({ text: `${current}more\n` }) };
    expect(await planResource(there('caf\uFFFD\n'), shared)).toMatchObject({
      status: 'blocked',
      problem: expect.stringContaining(path),
      fix: expect.stringContaining('iconv -f ISO-8859-1 -t UTF-8'),
    });
    expect(await planResource(there('caf\uFFFD\n'), wanted)).toMatchObject({ status: 'change' });
  });

  it('that is worth nothing goes without a backup, and says nothing of one', async () => {
    const gone: FileResource = { ...wanted, content: undefined, disposable: true };
    expect(await planResource(there('text\n'), gone)).toMatchObject({
      summary: `remove ${path}`,
      effects: [{ do: 'remove', path, disposable: true }],
    });
  });

  it('of keys is not shown when it goes', async () => {
    const plan = await planResource(there('KEY=secret-value\n'), { ...wanted, content: undefined, secret: true });
    expect(JSON.stringify(plan)).not.toContain('secret-value');
  });

  it('is in place with its text and mode', async () => {
    expect(await planResource(there('text\n'), wanted)).toEqual({ status: 'ok', note: path });
  });

  it('is made with the directories above it, outermost first', async () => {
    const plan = await planResource(new FakeHost({ '/home/anna/.bashrc': '' }), wanted);
    expect(plan).toMatchObject({
      status: 'change',
      summary: `write ${path} (new)`,
      effects: [
        { do: 'make-directory', path: '/home/anna/.config', mode: 0o700 },
        { do: 'make-directory', path: '/home/anna/.config/app', mode: 0o700 },
        { do: 'write', path, content: 'text\n', mode: 0o600 },
      ],
      edit: { path, before: '', after: 'text\n' },
    });
  });

  it('is written anew when its text differs, and says that the old one is kept', async () => {
    expect(await planResource(there('other\n'), wanted)).toMatchObject({
      summary: expect.stringContaining('kept as a backup'),
      effects: [{ do: 'write' }],
      edit: { before: 'other\n' },
    });
  });

  it('only gets its mode when the text is right', async () => {
    expect(await planResource(there('text\n', 0o644), wanted)).toMatchObject({
      status: 'change',
      summary: `set mode 600 on ${path}`,
    });
  });

  it('keeps its own mode where it belongs to the person', async () => {
    const shared = { ...wanted, keepMode: true };
    expect((await planResource(there('text\n', 0o640), shared)).status).toBe('ok');
    expect(await planResource(there('other\n', 0o640), shared)).toMatchObject({
      effects: [{ do: 'write', mode: 0o640 }],
    });
  });

  it('may be a link: the mode of the link says nothing', async () => {
    const host = new FakeHost({ [path]: { text: 'text\n', mode: 0o777, kind: 'link' } });
    expect((await planResource(host, wanted)).status).toBe('ok');
  });

  it('is written as root where it belongs to root', async () => {
    const plan = await planResource(new FakeHost({ '/etc/hosts': '' }), { ...wanted, path: '/etc/app/x', sudo: true });
    expect(plan).toMatchObject({
      effects: [
        { do: 'make-directory', sudo: true },
        { do: 'write', sudo: true },
      ],
    });
  });

  it('may be edited out of what is there, with notes', async () => {
    const edited: FileResource = {
      ...wanted,
      content: (current) => ({ text: `${current ?? ''}more\n`, notes: ['a line is added'] }),
    };
    expect(await planResource(there('text\n'), edited)).toMatchObject({
      status: 'change',
      notes: ['a line is added'],
      edit: { before: 'text\n', after: 'text\nmore\n' },
    });
  });

  it('is blocked when it cannot be edited', async () => {
    const refusing: FileResource = { ...wanted, content: () => ({ problem: 'the block never ends', fix: 'end it' }) };
    expect(await planResource(there('x'), refusing)).toEqual({
      status: 'blocked',
      problem: 'the block never ends',
      fix: 'end it',
    });
  });

  it('goes when it is not wanted, and is not missed when there is none', async () => {
    const unwanted = { ...wanted, content: undefined };
    expect(await planResource(there('x'), unwanted)).toMatchObject({
      status: 'change',
      effects: [{ do: 'remove', path }],
    });
    expect((await planResource(new FakeHost(), unwanted)).status).toBe('ok');
  });

  it('compares a secret without showing it', async () => {
    const secret: FileResource = { ...wanted, content: new Secret('sesame') };
    expect((await planResource(there('sesame'), secret)).status).toBe('ok');
    expect(JSON.stringify(await planResource(new FakeHost({ '/home/anna/x': '' }), secret))).not.toContain('sesame');
  });

  it.each<[name: string, host: FakeHost, says: string, fix: string]>([
    [
      'a directory in its place',
      new FakeHost({ [`${path}/x`]: '' }),
      `${path} is a directory`,
      `mv ${path} ${path}.before`,
    ],
    [
      'a file where a directory has to be',
      new FakeHost({ '/home/anna/.config': 'x' }),
      '/home/anna/.config has to be a directory',
      'mv /home/anna/.config /home/anna/.config.before',
    ],
  ])('is blocked by %s', async (_, host, says, fix) => {
    expect(await planResource(host, wanted)).toMatchObject({
      status: 'blocked',
      problem: expect.stringContaining(says),
      fix: expect.stringContaining(fix),
    });
  });

  it('may stand below a linked directory', async () => {
    const host = new FakeHost({ '/home/anna/.config': { text: undefined, kind: 'link' } });
    expect((await planResource(host, wanted)).status).toBe('change');
  });
});
