import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openIdentity } from '../lab/identity.ts';
import { labCache, prepareDownloads } from './download-cache.ts';
import { MISE_SYSTEM_CONFIG } from './download-scripts.ts';
import { DOWNLOAD_HOSTS } from './downloads.ts';

const SERVER = new URL('./serve-downloads.ts', import.meta.url).pathname;

const SCRIPT = new URL('../../../templates/signed-release.bash', import.meta.url).pathname;

/** Changes what the sites give out. */
const having = (settings: object): string => `curl -sS -d '${JSON.stringify(settings)}' http://127.0.0.1:4100/;`;
const claude = `bash -s -- claude-code stable $KEY <${SCRIPT}`;
const ahead = `bash -s -- claude-code stable $KEY fetch <${SCRIPT}`;
const binary = 'downloads.claude.ai/claude-code-releases/2.1.332/linux';
const kept = '~/.local/share/claude/versions';
const version = '~/.local/bin/claude --version && ls ~/.cache';
const mise = `bash -s -- mise ~/.local/bin/mise $KEY <${SCRIPT}`;
/** Nothing is there, or stays behind. */
const gone = 'rm -rf ~/.local ~/.cache; ';
const left =
  '; echo "left: $(find ~/.local ~/.cache -not -type d -o -name "claude-routing-*" 2>/dev/null | tr -d \'\\n\')"';

/** Requests, in order; each is a line of shell with the home directory of its own, and $KEY the key of the sites. */
const STEPS = {
  'claude stable': `${claude} && ~/.local/bin/claude --version && cat ~/.claude/settings.json`,
  'claude kept, but damaged': `echo >>${kept}/2.1.332; ${claude} && [ "$(tail -c 1 ${kept}/2.1.332 | wc -l)" = 0 ] && ${version}`,
  'claude fetched ahead': `${gone} ${ahead}; ls ~/.local; ${having({ gone: [binary] })} ${claude} && ${version}; ${having({ gone: [] })}`,
  'claude while it is fetched ahead': `${gone} ${ahead} & sleep 0.5; ${claude} && ${version}; wait`,
  'claude beside an older one': `rm -r ${kept}/* && cp /bin/true ${kept}/2.1.100 && ln -sfn ${kept}/2.1.100 ~/.local/bin/claude; ${claude} && ${version}`,
  mise: `${mise} && ~/.local/bin/mise --version`,
  'mise tools':
    'MISE_YES=1 ~/.local/bin/mise use -g node@22 python@3.12 2>&1; cd / && ~/.local/bin/mise exec -- sh -c "node -v; npm -v; python3.12 --version"',
  'claude refused': `${having({ stable: '2.1.275' })} ${claude} && ~/.local/bin/claude --version; ls ~/.cache`,
  'another key': `${gone} KEY=31DDDE24DDFAB679F42D7BD2BAA929FF1A7ECACE; ${claude}; ${mise} ${left}`,
  'signature of another text': `${having({ signatures: 'other' })} ${claude}; ${mise} ${left}`,
  'no signature': `${having({ signatures: 'none' })} ${claude}; ${mise} ${left}`,
  'wrong checksums': `${having({ signatures: 'good', wrongChecksums: true })} ${claude}; ${mise} ${left}`,
  gone: `${having({ gone: ['downloads.claude.ai/'] })} ${claude}`,
} as const;

let directory: string;
let outcomes: Record<string, { readonly exit: number; readonly text: string }>;

beforeAll(async () => {
  await prepareDownloads(labCache());
  directory = await mkdtemp(join(tmpdir(), 'downloads-'));
  await writeFile(join(directory, 'hosts'), `127.0.0.1 localhost ${DOWNLOAD_HOSTS.join(' ')}\n`);
  await writeFile(join(directory, 'config.toml'), MISE_SYSTEM_CONFIG);
  await writeFile(join(directory, 'inside.sh'), insideScript((await openIdentity()).packageKeyFingerprint));
  const run = promisify(execFile);
  await run('bash', ['-ec', certificateScript()], { cwd: directory });
  await run('unshare', ['-n', '-m', 'bash', 'inside.sh'], { cwd: directory, timeout: 300_000 });
  outcomes = {};
  for (const [index, name] of Object.keys(STEPS).entries()) {
    const { stdout } = await run('cat', [`exit-${index}`, `text-${index}`], { cwd: directory });
    outcomes[name] = { exit: Number.parseInt(stdout, 10), text: stdout.slice(stdout.indexOf('\n') + 1) };
  }
});

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

/** An authority that lives as long as the test, a certificate for all hosts, and the machine's bundle with it. */
function certificateScript(): string {
  return `
key() { openssl req "$@" -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes 2>/dev/null; }
key -x509 -days 2 -keyout ca.key -out ca.pem -subj '/CN=stand-in authority' -addext basicConstraints=critical,CA:TRUE
key -keyout site.key -out site.csr -subj '/CN=stand-ins'
echo 'subjectAltName=${DOWNLOAD_HOSTS.map((host) => `DNS:${host}`).join(',')}' > names
openssl x509 -req -days 2 -in site.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out site.pem -extfile names 2>/dev/null
cat /etc/ssl/certs/ca-certificates.crt ca.pem > bundle.crt`;
}

/** What runs in the namespace: nothing but loopback, names that lead there, and an authority that is trusted. */
function insideScript(key: string): string {
  const steps = Object.values(STEPS).map(
    (step, index) => `
env -i KEY=${key} HOME=$PWD/home PATH=/usr/bin:/bin MISE_SYSTEM_CONFIG_FILE=$PWD/config.toml bash -o pipefail -c ${quoted(step)} >text-${index} 2>&1 </dev/null
echo $? >exit-${index}`,
  );
  return `
ip link set lo up
mount --bind hosts /etc/hosts
mount --bind bundle.crt /etc/ssl/certs/ca-certificates.crt
mkdir -p home
${quoted(process.execPath)} --import ${quoted(import.meta.resolve('tsx'))} ${quoted(SERVER)} site.pem site.key >said &
server=$!
for _ in $(seq 200); do [ -s said ] && break; sleep 0.1; done
${steps.join('\n')}
kill $server
`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

describe('signed releases from the stand-in download sites', () => {
  it.each([
    [
      'claude stable',
      0,
      /2\.1\.332 is signed with [\s\S]*2\.1\.332 \(Claude Code\)[\s\S]*"autoUpdatesChannel": "stable"/,
    ],
    ['claude kept, but damaged', 0, /2\.1\.332 is signed with [\s\S]*2\.1\.332 \(Claude Code\)\nclaude\n(mise\n)?$/],
    ['claude fetched ahead', 0, /is signed with \w+\nshare\n[\s\S]*2\.1\.332 \(Claude Code\)\nclaude\n$/],
    ['claude while it is fetched ahead', 0, /2\.1\.332 \(Claude Code\)\nclaude\n$/],
    ['claude beside an older one', 0, /2\.1\.332 \(Claude Code\)\nclaude\n$/],
    ['mise', 0, /mise's installer is signed with [\s\S]*2026\.9\.15 linux-/],
    ['mise tools', 0, /installed 2 tools[\s\S]*v22\.23\.3\n10\.9\.9\nPython 3\.12\.13 \(stand-in\)\n$/],
    ['claude refused', 0, /2\.1\.275 \(Claude Code\)\n(?!claude-routing)/],
    [
      'another key',
      0,
      /manifest\.json is not signed with the key 31DD[\s\S]*install\.sh\.sig is not signed[\s\S]*left: \n$/,
    ],
    [
      'signature of another text',
      0,
      /manifest\.json is not signed[\s\S]*install\.sh\.sig is not signed[\s\S]*left: \n$/,
    ],
    [
      'no signature',
      0,
      /manifest\.json\.sig could not be reached[\s\S]*install\.sh\.sig could not be reached[\s\S]*left: \n$/,
    ],
    [
      'wrong checksums',
      0,
      /is not what the signed list of Claude Code 2\.1\.275 says[\s\S]*did NOT match[\s\S]*left: \n$/,
    ],
    ['gone', 1, /keys\/claude-code\.asc could not be reached/],
  ])('%s', (name, exit, words) => {
    expect(outcomes[name]?.text).toMatch(words);
    expect(outcomes[name]?.exit).toBe(exit);
  });
});
