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

  it('of keys is not shown when it goes', async () => {
    const plan = await planResource(there('KEY=secret-value\n'), { ...wanted, content: undefined, secret: true });
    expect(JSON.stringify(plan)).not.toContain('secret-value');
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

  const unwanted = { content: undefined };
  const behind = (mode: number) => new FakeHost({ [path]: { text: 'text\n', mode, link: '/home/anna/dot/settings' } });
  const refusal = { code: 'port-taken', problem: 'the block never ends', fix: 'end it' } as const;
  it.each<[name: string, host: FakeHost, more: Partial<FileResource>, plan: object]>([
    ['is in place with its text and mode', there('text\n'), {}, { status: 'ok', note: path }],
    [
      'is made with the directories above it, outermost first',
      new FakeHost({ '/home/anna/.bashrc': '' }),
      {},
      {
        status: 'change',
        summary: `write ${path} (new)`,
        effects: [
          { do: 'make-directory', path: '/home/anna/.config', mode: 0o700 },
          { do: 'make-directory', path: '/home/anna/.config/app', mode: 0o700 },
          { do: 'write', path, content: 'text\n', mode: 0o600 },
        ],
        edit: { path, before: '', after: 'text\n' },
      },
    ],
    [
      'is written anew when its text differs, and says that the old one is kept',
      there('other\n'),
      {},
      {
        summary: expect.stringContaining('kept as a backup'),
        effects: [{ do: 'write' }],
        edit: { before: 'other\n' },
      },
    ],
    ['only gets its mode when the text is right', there('text\n', 0o644), {}, { summary: `set mode 600 on ${path}` }],
    ['of the person keeps its own mode', there('text\n', 0o640), { keepMode: true }, { status: 'ok' }],
    [
      'of the person is written with its own mode',
      there('other\n', 0o640),
      { keepMode: true },
      { effects: [{ do: 'write', mode: 0o640 }] },
    ],
    ['may be a link', behind(0o600), {}, { status: 'ok' }],
    ['may be a link: the mode of what is behind it counts', behind(0o644), {}, { summary: `set mode 600 on ${path}` }],
    [
      'may be a link: what is behind it keeps its mode',
      behind(0o640),
      { content: 'other\n', keepMode: true },
      { effects: [{ do: 'write', path, mode: 0o640 }] },
    ],
    [
      'is written as root where it belongs to root',
      new FakeHost({ '/etc/hosts': '' }),
      { path: '/etc/app/x', sudo: true },
      {
        effects: [
          { do: 'make-directory', sudo: true },
          { do: 'write', sudo: true },
        ],
      },
    ],
    [
      'may be edited out of what is there, with notes',
      there('text\n'),
      { content: (current) => success({ text: `${current ?? ''}more\n`, notes: ['a line is added'] }) },
      { status: 'change', notes: ['a line is added'], edit: { before: 'text\n', after: 'text\nmore\n' } },
    ],
    [
      'is blocked when it cannot be edited',
      there('x'),
      { content: () => failure(refusal) },
      { status: 'blocked', ...refusal },
    ],
    [
      'goes when it is not wanted',
      there('x'),
      unwanted,
      { summary: expect.stringContaining('kept as a backup'), effects: [{ do: 'remove', path }] },
    ],
    [
      'goes without a backup when it is worth nothing, and says nothing of one',
      there('text\n'),
      { ...unwanted, disposable: true },
      { summary: `remove ${path}`, effects: [{ do: 'remove', path, disposable: true }] },
    ],
    ['is not missed when there is none', new FakeHost(), unwanted, { status: 'ok' }],
    [
      'goes even where it is a link to nothing',
      broken(path, 'missing'),
      unwanted,
      { effects: [{ do: 'remove', path }] },
    ],
    ['may stand below a linked directory', inPlace(config, linked), {}, { status: 'change' }],
  ])('%s', async (_, host, more, plan) => {
    expect(await planResource(host, { ...wanted, ...more })).toMatchObject(plan);
  });
});
