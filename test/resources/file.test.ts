import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/host/secret.ts';
import { failure, success } from '../../src/problem.ts';
import { planResource } from '../../src/resources/plan-resource.ts';
import type { FileResource } from '../../src/resources/resource.ts';
import { FakeHost } from '../machine/doubles/fake-host.ts';

const path = '/home/anna/.config/app/settings';
const wanted: FileResource = {
  kind: 'file',
  id: 'routed-settings',
  title: 'settings',
  path,
  content: 'text\n',
  mode: 0o600,
  directoryMode: 0o700,
};
const there = (text: string, mode = 0o600) => new FakeHost({ [path]: { text, mode } });

describe('a file', () => {
  it('of a person is not edited when it is no UTF-8, and the line that fixes it is told', async () => {
    const shared: FileResource = { ...wanted, content: (current = '') => success({ text: `${current}more\n` }) };
    expect(await planResource(there('caf\uFFFD\n'), shared)).toMatchObject({
      status: 'blocked',
      problem: expect.stringContaining(path),
      fix: expect.stringContaining('iconv -f ISO-8859-1 -t UTF-8'),
    });
    expect(await planResource(there('\uFFFD\uFFFD{\0}\0'), shared)).toMatchObject({
      problem: expect.stringContaining('is UTF-16 text'),
      fix: expect.stringContaining('iconv -f UTF-16 -t UTF-8'),
    });
    expect(await planResource(there('caf\uFFFD\n'), wanted)).toMatchObject({ status: 'change' });
  });

  it('that this account may not read is told, and one that need not be ours stays', async () => {
    const closed = (resource: FileResource) =>
      planResource(new FakeHost({ [path]: { text: 'closed', refuses: 'EACCES' } }), resource);
    expect(await closed(wanted)).toMatchObject({
      status: 'blocked',
      code: 'permission-denied',
      fix: expect.stringContaining(`sudo chown "$USER": ${path}`),
    });
    const gone: FileResource = { ...wanted, content: undefined, isOurs: () => false };
    expect(await closed(gone)).toMatchObject({ status: 'ok' });
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

  it.each(['permission', 'read-only'] as const)(
    'below a closed folder (%s) is refused, unless root writes it',
    async (closed) => {
      const host = there('other\n').put('/home/anna/.config/app', { text: undefined, kind: 'directory', closed });
      expect(await planResource(host, wanted)).toMatchObject({
        status: 'blocked',
        problem: expect.stringContaining('/home/anna/.config/app'),
      });
      expect(await planResource(host, { ...wanted, content: undefined })).toMatchObject({ status: 'blocked' });
      expect(await planResource(host, { ...wanted, content: 'other\n' })).toMatchObject({ status: 'ok' });
      expect(await planResource(host, { ...wanted, sudo: true })).toMatchObject({ status: 'change' });
    },
  );

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

  it('may be a link: the mode of what is behind it counts', async () => {
    const behind = (mode: number) =>
      new FakeHost({ [path]: { text: 'text\n', mode, link: '/home/anna/dot/settings' } });
    expect((await planResource(behind(0o600), wanted)).status).toBe('ok');
    expect(await planResource(behind(0o644), wanted)).toMatchObject({ summary: `set mode 600 on ${path}` });
    const shared = { ...wanted, content: 'other\n', keepMode: true };
    expect(await planResource(behind(0o640), shared)).toMatchObject({ effects: [{ do: 'write', path, mode: 0o640 }] });
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
      content: (current) => success({ text: `${current ?? ''}more\n`, notes: ['a line is added'] }),
    };
    expect(await planResource(there('text\n'), edited)).toMatchObject({
      status: 'change',
      notes: ['a line is added'],
      edit: { before: 'text\n', after: 'text\nmore\n' },
    });
  });

  it('is blocked when it cannot be edited', async () => {
    const refusing: FileResource = {
      ...wanted,
      content: () => failure({ code: 'port-taken', problem: 'the block never ends', fix: 'end it' }),
    };
    expect(await planResource(there('x'), refusing)).toEqual({
      status: 'blocked',
      code: 'port-taken',
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

  const config = '/home/anna/.config';
  const broken = (at: string, why: 'missing' | 'loop' | 'closed') =>
    new FakeHost({ [at]: { text: undefined, kind: 'link', mode: 0, link: '/mnt/dot', broken: why } });
  const inPlace = (at: string, more: object) => new FakeHost({ [at]: { text: undefined, ...more } });
  const aside = (at: string) => `mv ${at} ${at}.before`;
  const linked = { kind: 'directory', link: '/mnt/dot' };
  it.each<[name: string, host: FakeHost, says: string, fix: string]>([
    ['a directory', new FakeHost({ [`${path}/x`]: '' }), `${path} is a directory`, aside(path)],
    ['a link to one', inPlace(path, linked), `${path} is a link to the directory /mnt/dot`, aside(path)],
    ['a pipe', inPlace(path, { kind: 'other' }), `${path} is not a plain file`, aside(path)],
    ['a link to nothing', broken(path, 'missing'), 'a link to /mnt/dot, and nothing is there', `rm ${path}`],
    ['a link into a closed folder', broken(path, 'closed'), 'which this account may not look at', `rm ${path}`],
    ['a link to itself', broken(path, 'loop'), 'a link that leads back to itself', `rm ${path}`],
    ['a file above it', inPlace(config, { text: 'x' }), `${config} has to be a directory`, aside(config)],
    ['a link to one above it', inPlace(config, { text: 'x', link: '/d' }), 'has to be a directory', aside(config)],
    ['a link to nothing above it', broken(config, 'missing'), `${config} is a link to /mnt/dot`, `rm ${config}`],
    ['a link to itself above it', broken(config, 'loop'), 'leads back to itself', `rm ${config}`],
  ])('is blocked by %s', async (_, host, says, fix) => {
    expect(await planResource(host, wanted)).toMatchObject({
      status: 'blocked',
      problem: expect.stringContaining(says),
      fix: expect.stringContaining(fix),
    });
  });

  it('may stand below a linked directory', async () => {
    const host = new FakeHost({ [config]: { text: undefined, kind: 'directory', link: '/mnt/config' } });
    expect((await planResource(host, wanted)).status).toBe('change');
  });

  it('that is not wanted goes even where it is a link to nothing', async () => {
    expect(await planResource(broken(path, 'missing'), { ...wanted, content: undefined })).toMatchObject({
      effects: [{ do: 'remove', path }],
    });
  });
});
