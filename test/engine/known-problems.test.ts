import { expect, it } from 'vitest';
import { explainFailure } from '../../src/engine/known-problems.ts';
import { EffectFailed, type RunCommand } from '../../src/host/host.ts';
import type { ProblemCode } from '../../src/problem-codes/index.ts';

const effect: RunCommand = { do: 'run', why: 'w', command: { file: 'apt-get', args: ['install', 'jq'] } };

/** Lines as the programs were seen to print them. */
it.each<[line: string, code: ProblemCode, cause: RegExp, fix: RegExp]>([
  ['E: Unable to locate package slirp4nets', 'apt-package-unknown', /no package slirp4nets/, /sudo apt-get update/],
  ["E: Package 'jq' has no installation candidate", 'apt-package-unknown', /no package jq/, /preferences/],
  [
    'E: Held packages were changed and -y was used without --allow-change-held-packages.',
    'apt-package-held',
    /on hold/,
    /apt-mark unhold/,
  ],
  [
    'E: Malformed line 1 in source list /etc/apt/sources.list.d/foreign.list (type)\nE: The list of sources could not be read.',
    'apt-sources-wrong',
    /cannot read \/etc\/apt\/sources.list.d\/foreign.list/,
    /sudo mv \S+foreign\.list /,
  ],
  [
    'E: Could not get lock /var/lib/apt/lists/lock. It is held by process 812 (apt-get)',
    'apt-busy',
    /another program is installing packages/,
    /ps aux/,
  ],
  [
    'E: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), is another process using it?',
    'apt-busy',
    /another program is installing/,
    /ps aux/,
  ],
  [
    "E: dpkg was interrupted, you must manually run 'sudo dpkg --configure -a' to correct the problem.",
    'apt-interrupted',
    /was interrupted/,
    /dpkg --configure -a/,
  ],
  [
    'Err:1 http://deb.lab/debian trixie/main amd64 htop amd64 3.4.1-5\n  Could not connect to 127.0.0.1:9 (127.0.0.1). - connect (111: Connection refused)',
    'download-unreachable',
    /apt cannot reach 127\.0\.0\.1:9, which is a mirror or its proxy/,
    /apt-config dump/,
  ],
  [
    'E: Failed to fetch http://deb.lab/debian/pool/main/h/htop/htop_3.4.1-5_amd64.deb  404  Not Found [IP: 10.77.0.1 80]',
    'download-unreachable',
    /no longer has a package/,
    /sudo apt-get update/,
  ],
  [
    'E: Release file for http://deb.lab/debian/dists/trixie/InRelease is not valid yet (invalid for another 3h 2min 1s).',
    'clock-wrong',
    /at the time that this machine/,
    /timedatectl set-ntp true/,
  ],
  ['curl: (60) SSL certificate problem: certificate is not yet valid', 'clock-wrong', /its certificate/, /date/],
  [
    'The following held packages will be changed:\n  jq libjq1\nE: Held packages were changed and -y was used without --allow-change-held-packages.',
    'apt-package-held',
    /on hold/,
    /sudo apt-mark unhold jq libjq1$/,
  ],
  [
    'E: Conflicting values set for option Signed-By regarding source https://download.docker.com/linux/debian/ trixie: /usr/share/keyrings/docker.gpg != /etc/apt/keyrings/docker.asc\nE: The list of sources could not be read.',
    'apt-sources-wrong',
    /two files name the package source https:\/\/download\.docker\.com\/linux\/debian\/ trixie with different keys/,
    /grep -rlF https:\/\/download\.docker\.com\/linux\/debian \/etc\/apt\/sources\.list \/etc/,
  ],
  [
    'E: Syntax error /etc/apt/apt.conf.d/99p:2: Extra junk at end of file',
    'apt-sources-wrong',
    /cannot read \/etc\/apt\/apt\.conf\.d\/99p/,
    /sudo mv \S+99p \S+99p\.off/,
  ],
  [
    "Err:1 http://third.lab/debian stable InRelease\nE: Failed to fetch http://third.lab/debian/dists/stable/InRelease  Clearsigned file isn't valid, got 'NOSPLIT' (does the network require authentication?)\nE: The repository 'http://third.lab/debian stable InRelease' is not signed.",
    'proxy-between',
    /instead of the package source third\.lab/,
    /curl -sSL http:\/\/third\.lab\/debian\/dists\/stable\/InRelease/,
  ],
  [
    "E: Failed to fetch http://deb.lab/debian/dists/trixie/InRelease  407  Proxy Authentication Required [IP: 127.0.0.5 3128]\nE: The repository 'http://deb.lab/debian trixie InRelease' is no longer signed.",
    'proxy-between',
    /wants a name and a password/,
    /NAME:PASSWORD@/,
  ],
  [
    "E: The repository 'http://deb.lab/debian nosuite Release' does not have a Release file.",
    'apt-sources-wrong',
    /http:\/\/deb\.lab\/debian nosuite cannot be used: it does not have a Release file/,
    /grep -rlF http:\/\/deb\.lab\/debian .*sudo mv/,
  ],
  [
    'E: Release file for http://deb.lab/debian/dists/trixie/InRelease is expired (invalid since 3d 2h 1min 1s).',
    'clock-wrong',
    /at the time that/,
    /date/,
  ],
  [
    'W: Failed to fetch https://download.docker.com/linux/debian/dists/trixie/InRelease  SSL connection failed: error:0A000086:SSL routines::certificate verify failed / Success [IP: 10.77.0.1 443]',
    'certificate-untrusted',
    /does not trust/,
    /update-ca-certificates/,
  ],
  [
    'Error response from daemon: Get "https://ghcr.io/v2/": tls: failed to verify certificate: x509: certificate signed by unknown authority',
    'certificate-untrusted',
    /does not trust/,
    /systemctl --user restart docker/,
  ],
  [
    'mise ERROR Failed to install core:node@20: error sending request: client error (Connect): invalid peer certificate: UnknownIssuer',
    'certificate-untrusted',
    /does not trust/,
    /update-ca-certificates/,
  ],
  [
    'curl: (60) SSL certificate problem: unable to get local issuer certificate',
    'certificate-untrusted',
    /does not trust/,
    /sudo cp FILE\.crt/,
  ],
  [
    'dpkg: error processing package pf (--configure):\n installed pf package post-installation script subprocess returned error exit status 1\nErrors were encountered while processing:\n pf',
    'apt-package-broken',
    /package pf cannot be set up \(installed pf package post-installation script/,
    /sudo apt-get remove pf$/,
  ],
  [
    "dpkg: error processing archive /var/cache/apt/archives/x.deb (--unpack):\n trying to overwrite '/usr/bin/docker', which is also in package podman-docker 5.4",
    'packages-conflict',
    /podman-docker contains \/usr\/bin\/docker/,
    /sudo apt-get remove podman-docker /,
  ],
  [
    'E: Unable to correct problems, you have held broken packages.',
    'apt-package-broken',
    /no way to install/,
    /apt-mark showhold/,
  ],
  [
    "E: You don't have enough free space in /var/cache/apt/archives/.",
    'disk-full',
    /no room .* in \/var\/cache\/apt\/archives\/ /,
    /sudo apt-get clean .*df -h \/var\/cache\/apt\/archives\/$/,
  ],
  [
    'dpkg: error: unable to access the dpkg database directory /var/lib/dpkg: Read-only file system',
    'disk-read-only',
    /\/var\/lib\/dpkg on it was to be changed/,
    /findmnt -O ro/,
  ],
  [
    'write /var/lib/docker/tmp/x: no space left on device',
    'disk-full',
    /disk (is|was) full.* mounted at \//,
    /df -|du -xh/,
  ],
  ['cp: error writing: No space left on device', 'disk-full', /disk (is|was) full.* mounted at \//, /df -|du -xh/],
  ['sudo: a password is required', 'sudo-needs-password', /sudo no longer remembers/, /sudo -v/],
  ['anna is not in the sudoers file.', 'sudo-not-allowed', /may not use sudo/, /usermod -aG sudo/],
  [
    'Failed to connect to user scope bus via local transport: No such file or directory',
    'no-login-session',
    /no login session/,
    /ssh/,
  ],
  ['Failed to connect to bus: No medium found', 'no-login-session', /no login session/, /ssh/],
  [
    'Cannot connect to the Docker daemon at unix:///run/user/1000/docker.sock. Is the docker daemon running?',
    'docker-silent',
    /Docker engine does not answer/,
    /systemctl --user restart docker/,
  ],
  [
    'Job for docker.service failed because the control process exited with error code.\nSee "systemctl --user status docker.service" and "journalctl --user -xeu docker.service" for details.',
    'service-does-not-start',
    /docker\.service does not start/,
    /journalctl --user -u docker\.service -o cat -n 30 /,
  ],
  [
    'Error response from daemon: Conflict. The container name "/litellm-drill" is already in use by container "5f1e". You have to remove (or rename) that container to be able to reuse that name.',
    'container-foreign',
    /container litellm-drill that this program did not make/,
    /docker rename litellm-drill litellm-drill-mine/,
  ],
  [
    'network litellm-drill_default was found but has incorrect label com.docker.compose.network set to ""',
    'container-foreign',
    /network litellm-drill_default that this program did not make/,
    /docker network rm litellm-drill_default$/,
  ],
  [
    'Error response from daemon: driver failed: Bind for 127.0.0.1:4000 failed: port is already allocated',
    'port-taken',
    /port is taken/,
    /ss -ltnp/,
  ],
  ['curl: (6) Could not resolve host: mise.run', 'download-unreachable', /could not be reached/, /getent hosts/],
  ['dial tcp: lookup ghcr.io: no such host', 'download-unreachable', /could not be reached/, /getent hosts/],
  [
    'Error response from daemon: manifest unknown',
    'image-missing',
    /registry does not have this image/,
    /gateway\.image/,
  ],
])('%s', (line, code, cause, fix) => {
  const known = explainFailure(
    new EffectFailed(effect, 'apt-get ended with exit code 100', 100, ['some progress', line]),
  );
  expect(known).toEqual({ code, problem: expect.stringMatching(cause), fix: expect.stringMatching(fix) });
  expect(known?.problem).toContain('(while: apt-get install jq)');
});

it('what is not known is left to its own words', () => {
  expect(
    explainFailure(new EffectFailed(effect, 'apt-get ended with exit code 1', 1, ['E: something new'])),
  ).toBeUndefined();
});
