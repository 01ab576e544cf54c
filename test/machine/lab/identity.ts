import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSecureContext, type SecureContext } from 'node:tls';
import { cached } from './cache.ts';
import { must } from './command.ts';

/** What the lab signs with: its own certificate authority and its own package key. Made once per cache. */
export interface LabIdentity {
  readonly directory: string;
  /** PEM file of the authority that the machine is told to trust. */
  readonly caFile: string;
  readonly caFingerprint: string;
  /** The package key as apt reads it (armoured), as `/linux/debian/gpg` gives it out. */
  readonly packageKeyFile: string;
  /** 40 hexadecimal digits, upper case, no spaces. */
  readonly packageKeyFingerprint: string;
  readonly gnupgHome: string;
}

const DAYS = '3650';

/** Opens the lab's identity, making it when there is none in the cache. */
export async function openIdentity(): Promise<LabIdentity> {
  const directory = await cached('identity', { days: DAYS, scheme: 1 }, makeIdentity);
  const read = async (name: string) => (await readFile(join(directory, name), 'utf8')).trim();
  return {
    directory,
    caFile: join(directory, 'ca.crt'),
    caFingerprint: await read('ca.fingerprint'),
    packageKeyFile: join(directory, 'packages.asc'),
    packageKeyFingerprint: await read('packages.fingerprint'),
    gnupgHome: join(directory, 'gnupg'),
  };
}

async function makeIdentity(directory: string): Promise<void> {
  await makeAuthority(directory);
  await makePackageKey(directory);
}

async function makeAuthority(directory: string): Promise<void> {
  const at = (name: string) => join(directory, name);
  const subject = ['-subj', '/CN=Claude routing lab', '-days', DAYS, '-nodes'];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-keyout', at('ca.key')];
  const usage = ['-addext', 'keyUsage=critical,keyCertSign,cRLSign'];
  await must('openssl', ['req', '-x509', ...key, ...subject, ...usage, '-out', at('ca.crt')]);
  const shown = await must('openssl', ['x509', '-in', at('ca.crt'), '-noout', '-fingerprint', '-sha256']);
  await writeFile(at('ca.fingerprint'), shown.split('=')[1] ?? '');
}

async function makePackageKey(directory: string): Promise<void> {
  const home = join(directory, 'gnupg');
  await mkdir(home, { mode: 0o700 });
  const gpg = ['--homedir', home, '--batch', '--quiet', '--passphrase', ''];
  await must('gpg', [...gpg, '--quick-generate-key', 'Claude routing lab packages', 'rsa3072', 'sign', 'never']);
  await writeFile(join(directory, 'packages.asc'), await must('gpg', [...gpg, '--armor', '--export']));
  const listed = await must('gpg', [...gpg, '--list-keys', '--with-colons']);
  await writeFile(join(directory, 'packages.fingerprint'), /^fpr:+([0-9A-F]{40}):/m.exec(listed)?.[1] ?? '');
  await must('gpgconf', ['--homedir', home, '--kill', 'all']);
}

/** Makes certificates of the lab's authority, one per host name, each once per run. */
export class CertificateOffice {
  private readonly identity: LabIdentity;
  private readonly directory: string;
  private readonly issued = new Map<string, Promise<SecureContext>>();

  constructor(identity: LabIdentity, directory: string) {
    this.identity = identity;
    this.directory = directory;
  }

  /** The certificate of this host name, ready for a TLS server. */
  contextFor(hostname: string): Promise<SecureContext> {
    const known = this.issued.get(hostname);
    if (known !== undefined) return known;
    const made = this.issue(hostname);
    this.issued.set(hostname, made);
    return made;
  }

  private async issue(hostname: string): Promise<SecureContext> {
    if (!/^[a-z0-9.-]+$/i.test(hostname)) throw new Error(`not a host name: ${hostname}`);
    const at = (kind: string) => join(this.directory, `${hostname}.${kind}`);
    const ca = ['-CA', this.identity.caFile, '-CAkey', join(this.identity.directory, 'ca.key'), '-CAcreateserial'];
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', at('key')];
    await writeFile(at('ext'), `subjectAltName=DNS:${hostname}\nextendedKeyUsage=serverAuth\n`);
    await must('openssl', ['req', ...key, '-subj', `/CN=${hostname}`, '-out', at('csr')]);
    const serial = ['-CAserial', at('serial')];
    const signed = [...ca, ...serial, '-days', DAYS, '-extfile', at('ext'), '-in', at('csr'), '-out', at('crt')];
    await must('openssl', ['x509', '-req', ...signed]);
    await Promise.all(['csr', 'ext', 'serial'].map((kind) => rm(at(kind), { force: true })));
    return createSecureContext({ cert: await readFile(at('crt')), key: await readFile(at('key')) });
  }
}
