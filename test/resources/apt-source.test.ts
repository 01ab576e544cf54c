import { describe, expect, it } from 'vitest';
import { planAptSource, sourcesText, withRepositoryBack } from '../../src/resources/apt-source.ts';
import { planResource } from '../../src/resources/plan-resource.ts';
import type { AptSourceResource } from '../../src/resources/resource.ts';
import { FakeHost } from '../machine/doubles/fake-host.ts';

const fingerprint = '9DC858229FC7DD38854AE2D88D81803C0EBFCD88';
const wanted: AptSourceResource = {
  kind: 'apt-source',
  id: 'docker-repository',
  title: 'Docker repository',
  name: 'docker',
  uri: 'https://download.docker.com/linux/debian',
  suite: 'trixie',
  components: 'stable',
  architecture: 'amd64',
  keyUrl: 'https://download.docker.com/linux/debian/gpg',
  keyPath: '/etc/apt/keyrings/docker.asc',
  fingerprint,
};

/** What gpg 2.4 was seen to print for a key with a subkey. */
const gpgOutput = (primary: string): string =>
  `pub:-:4096:1:8D81803C0EBFCD88:1487788586:::-:::scSC::::::23::0:\nfpr:::::::::${primary}:\nuid:-::::1487792064::A99E::Docker Release (CE deb) <docker@docker.com>::::::::::0:\nsub:-:4096:1:7EA0A9C3F273FCD8:1487788586::::::s::::::23:\nfpr:::::::::D3306A018370199E527AE7997EA0A9C3F273FCD8:\n`;

/** The gpg command is the host's own affair: only what it prints counts here. */
class GpgHost extends FakeHost {
  readonly #gpg: { exitCode?: number; stdout?: string; stderr?: string };
  constructor(files: Readonly<Record<string, string>>, gpg: { exitCode?: number; stdout?: string; stderr?: string }) {
    super(files);
    this.#gpg = gpg;
  }
  override async query(command: Parameters<FakeHost['query']>[0]) {
    if (command.file === 'gpg') return { exitCode: 0, stdout: '', stderr: '', ...this.#gpg };
    return await super.query(command);
  }
}

const inPlace = { '/etc/apt/sources.list.d/docker.sources': sourcesText(wanted), [wanted.keyPath]: 'KEY' };
const right = { stdout: gpgOutput(fingerprint) };

describe('a repository', () => {
  it('is written as one deb822 stanza', () => {
    expect(sourcesText(wanted)).toBe(
      'Types: deb\nURIs: https://download.docker.com/linux/debian\nSuites: trixie\nComponents: stable\nArchitectures: amd64\nSigned-By: /etc/apt/keyrings/docker.asc\n',
    );
  });

  it('is in place with its file and its key, without dialling anybody', async () => {
    expect(await planResource(new GpgHost(inPlace, right), wanted)).toMatchObject({ status: 'ok' });
  });

  it('is added with key and file, in this order; the packages from it bring fresh lists', async () => {
    const host = new GpgHost({}, right).reply(`GET ${wanted.keyUrl}`, { body: 'THE KEY' });
    const plan = await planResource(host, wanted);
    if (plan.status !== 'change') throw new Error(plan.status);
    expect(plan.effects.map((effect) => ('path' in effect ? `${effect.do} ${effect.path}` : effect.do))).toEqual([
      'make-directory /etc/apt/keyrings',
      'write /etc/apt/keyrings/docker.asc',
      'write /etc/apt/sources.list.d/docker.sources',
    ]);
    expect(plan.effects.every((effect) => 'sudo' in effect && effect.sudo)).toBe(true);
    expect(plan.summary).toContain('key 9DC8…CD88');
  });

  it('keeps the key that is there and fixes the file alone', async () => {
    const host = new GpgHost({ ...inPlace, '/etc/apt/sources.list.d/docker.sources': 'Types: deb\n' }, right);
    const plan = await planResource(host, wanted);
    expect(plan.status === 'change' && plan.effects.map((effect) => effect.do)).toEqual(['write']);
  });

  it('takes another list of the same repository away, and says so', async () => {
    const old = '/etc/apt/sources.list.d/docker.list';
    const host = new GpgHost({ ...inPlace, [old]: `deb [arch=amd64] ${wanted.uri} trixie stable\n` }, right);
    expect(await planResource(host, wanted)).toMatchObject({
      status: 'change',
      effects: [{ do: 'remove', path: old, sudo: true }],
      notes: [expect.stringContaining(old)],
    });
  });

  it.each<[what: string, path: string, text: string, left: string]>([
    [
      'a list of other repositories, too',
      '/etc/apt/sources.list.d/all.list',
      `deb http://other.lab stable main\ndeb [signed-by=/x.asc] ${wanted.uri}/ trixie stable\n`,
      `deb http://other.lab stable main\n# in a file of its own, by claude-routing-install: deb [signed-by=/x.asc] ${wanted.uri}/ trixie stable\n`,
    ],
    [
      'stanzas',
      '/etc/apt/sources.list.d/all.sources',
      `Types: deb\nURIs: ${wanted.uri}\nSuites: trixie\n\nTypes: deb\nURIs: http://other.lab\n`,
      `${['Types: deb', `URIs: ${wanted.uri}`, 'Suites: trixie'].map((line) => `# in a file of its own, by claude-routing-install: ${line}\n`).join('')}\nTypes: deb\nURIs: http://other.lab\n`,
    ],
    [
      'the list of former days, though it says nothing else',
      '/etc/apt/sources.list',
      `deb ${wanted.uri} trixie stable\n`,
      `# in a file of its own, by claude-routing-install: deb ${wanted.uri} trixie stable\n`,
    ],
  ])('takes only its own lines out of %s, and an uninstallation puts them back', async (_, path, text, left) => {
    const host = new GpgHost({ ...inPlace, [path]: text }, right);
    const write = { do: 'write', path, mode: 0o644, content: left, sudo: true };
    expect(await planResource(host, wanted)).toMatchObject({
      effects: [write],
      notes: [expect.stringContaining(path)],
    });
    expect(await planResource(new GpgHost({ ...inPlace, [path]: left }, right), wanted)).toMatchObject({
      status: 'ok',
    });
    expect(withRepositoryBack(left)).toBe(text);
  });

  it.each([
    ['a stanza that is switched off', 'x.sources', `Types: deb\nURIs: ${wanted.uri}\nEnabled: no\n`],
    ['a repository whose address begins alike', 'x.sources', `Types: deb\nURIs: ${wanted.uri}-security\n`],
    ['a list that names it in a comment only', 'docker.list', `# deb ${wanted.uri} trixie stable\n`],
  ])('leaves alone %s', async (_, name, text) => {
    const host = new GpgHost({ ...inPlace, [`/etc/apt/sources.list.d/${name}`]: text }, right);
    expect((await planResource(host, wanted)).status).toBe('ok');
  });

  it('waits while gnupg is not installed', async () => {
    const host = new GpgHost({}, { exitCode: 127 }).reply(`GET ${wanted.keyUrl}`, { body: 'KEY' });
    expect(await planResource(host, wanted)).toEqual({
      status: 'later',
      waitsFor: 'gnupg, to check the repository key',
    });
  });

  it.each<[name: string, gpg: { exitCode?: number; stdout?: string }, says: string]>([
    ['another key', { stdout: gpgOutput('0'.repeat(40)) }, '0'.repeat(40)],
    [
      "somebody else's key beside the right one: apt would trust both",
      { stdout: gpgOutput(fingerprint) + gpgOutput('B'.repeat(40)) },
      'B'.repeat(40),
    ],
    [
      'the right fingerprint as that of a subkey alone',
      { stdout: gpgOutput('A'.repeat(40)).replace('D3306A018370199E527AE7997EA0A9C3F273FCD8', fingerprint) },
      'A'.repeat(40),
    ],
    ['a web page in the place of the key', { exitCode: 2 }, 'no key'],
    ['garbage', { stdout: 'gpg: this is no colon listing\n' }, 'no key'],
  ])('is refused with %s', async (_, gpg, says) => {
    const host = new GpgHost({}, gpg).reply(`GET ${wanted.keyUrl}`, { body: 'whatever' });
    expect(await planResource(host, wanted)).toMatchObject({
      status: 'blocked',
      problem: expect.stringContaining(says),
      fix: expect.stringContaining('do not go on'),
    });
  });

  it('is refused when a wrong key lies there already, with the way to move it', async () => {
    const plan = planAptSource(wanted, {
      sources: undefined,
      key: 'OTHER',
      duplicates: [],
      fingerprints: ['F'.repeat(40)],
    });
    expect(plan).toMatchObject({
      status: 'blocked',
      fix: expect.stringContaining('sudo mv /etc/apt/keyrings/docker.asc'),
    });
  });

  it.each([
    ['timeout', 'connection-blocked', /could not be fetched: download\.docker\.com did not answer/, /curl -sSI https/],
    ['tls', 'certificate-untrusted', /not trusted \(self-signed certificate\)/, /sudo update-ca-certificates/],
  ] as const)('is blocked while its site cannot be reached: %s', async (failure, code, problem, fix) => {
    const detail = 'self-signed certificate';
    const host = new GpgHost({}, right).reply(`GET ${wanted.keyUrl}`, { reached: false, failure, detail });
    expect(await planResource(host, wanted)).toEqual({
      status: 'blocked',
      code,
      problem: expect.stringMatching(problem),
      fix: expect.stringMatching(fix),
    });
  });

  it.each([404, 503])('is blocked when its site answers %i, whatever the page says', async (status) => {
    const host = new GpgHost({}, right).reply(`GET ${wanted.keyUrl}`, { status, body: 'KEY' });
    expect((await planResource(host, wanted)).status).toBe('blocked');
  });
});
