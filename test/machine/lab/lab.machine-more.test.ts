import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cacheDirectory } from './cache.ts';
import { attempt, must, until } from './command.ts';
import { bootLab, type Lab } from './lab.ts';
import { BROKEN_LITELLM_TAG, LITELLM_TAG, LITELLM_VERSION } from './litellm-image.ts';
import type { RemoteOptions } from './machine.ts';
import { forgetSaved } from './machine-root.ts';
import { missingForLab } from './prerequisites.ts';
import { processesIn } from './slot.ts';
import { sweepAbandonedSlots } from './sweep.ts';
import { INSIDE } from './wire.ts';

const IMAGE = 'ghcr.io/berriai/litellm';
const LM_STUDIO = `http://${INSIDE.lmStudio}:1234/v1/models`;

let lab: Lab;

beforeAll(async () => {
  expect(await missingForLab()).toEqual([]);
  lab = await bootLab({
    say: (line) => console.log(`lab: ${line}`),
    lmStudio: (_request, response) => void response.end('a model'),
    sites: { 'api.anthropic.com': (_request, response) => void response.end('the cloud') },
  });
  console.log(`SSH answered after ${lab.bootMilliseconds} ms`);
});

afterAll(async () => {
  await lab?.close();
});

/** Runs a command in the machine that has to succeed; returns what it printed. */
async function run(command: string, options: RemoteOptions = {}): Promise<string> {
  const result = await lab.machine.ssh(command, options);
  expect(result, command).toMatchObject({ exitCode: 0 });
  return result.stdout.trim();
}

describe('a bare machine', () => {
  it('is Debian 13 with systemd, nothing failed, and answers SSH soon after it was switched on', async () => {
    expect(lab.bootMilliseconds).toBeLessThan(30_000);
    expect(await run('. /etc/os-release && echo $VERSION_CODENAME')).toBe('trixie');
    expect(await run('cat /proc/1/comm && systemctl is-system-running')).toBe('systemd\nrunning');
  });

  it('has Debian’s nodejs and nothing of what the installer brings', async () => {
    expect(await run('node --version')).toMatch(/^v20\./);
    expect(await run('for name in npm git jq docker newuidmap rg gcc pipx; do command -v $name; done; true')).toBe('');
  });

  it('gives a person who logs in a session with a user bus', async () => {
    expect(await run('systemctl --user is-system-running; echo $XDG_RUNTIME_DIR; test -S $XDG_RUNTIME_DIR/bus')).toBe(
      'running\n/run/user/1000',
    );
  });

  it('has no user bus for `su` while the user neither lingers nor is logged in', async () => {
    await until(
      'the last session to end',
      async () => {
        const directory = await lab.machine.onHost('test -e /run/user/1000');
        return directory.exitCode !== 0;
      },
      60_000,
      500,
    );
    const under = await lab.machine.onHost("su - claude -c 'systemctl --user show-environment'");
    expect(under.exitCode).not.toBe(0);
    expect(under.stderr).toMatch(/Failed to connect to (user scope )?bus/);
  });

  it('hands variables and input to a command', async () => {
    expect(await run('echo "$CANARY"; cat', { env: { CANARY: 'from here' }, input: 'and this' })).toBe(
      'from here\nand this',
    );
  });

  it('says which exit code a command had, and stops one that takes too long', async () => {
    expect(await lab.machine.ssh('exit 7')).toMatchObject({ exitCode: 7, timedOut: false });
    expect(await lab.machine.ssh('sleep 60', { timeoutMs: 1500 })).toMatchObject({ exitCode: 124, timedOut: true });
  });

  it('installs Debian’s packages with an apt that trusts nobody but Debian', async () => {
    await run('sudo apt-get -q update && sudo DEBIAN_FRONTEND=noninteractive apt-get -q -y install jq');
    expect(await run('echo \'{"a": 1}\' | jq .a')).toBe('1');
    expect(await run('grep -rh ^Signed-By /etc/apt/sources.list.d')).toMatch(
      /^(Signed-By: \/usr\/share\/keyrings\/debian-archive-keyring\.gpg\n?)+$/,
    );
  });

  it('has no way out', async () => {
    const outside = await lab.machine.ssh('curl -sS -m 10 http://1.1.1.1/');
    expect(outside.exitCode).not.toBe(0);
    const [address = ''] = (await attempt('hostname', ['-I'])).stdout.split(' ');
    if (address !== '') expect((await lab.machine.ssh(`ping -c 1 -W 2 ${address}`)).exitCode).not.toBe(0);
    expect((await lab.machine.ssh('curl -sS -m 10 https://example.com/')).exitCode).toBe(6);
    expect(lab.unknownNames).toContain('example.com');
  });

  it('reaches the sites of the lab over HTTPS, and trusts them', async () => {
    expect(await run('curl -sS https://api.anthropic.com/')).toBe('the cloud');
    expect(await run('node -e "fetch(\'https://api.anthropic.com/\').then((r) => r.text()).then(console.log)"')).toBe(
      'the cloud',
    );
    expect(lab.sites.visits.filter((visit) => visit.host === 'api.anthropic.com')).toHaveLength(2);
  });
});

describe('faults on the wire', () => {
  const dial = () => lab.machine.ssh(`curl -sS -m 8 ${LM_STUDIO}`);

  it.each([
    ['refuse', 7, () => lab.faults.refuse({ address: INSIDE.lmStudio, port: 1234 })],
    ['drop', 28, () => lab.faults.drop({ address: INSIDE.lmStudio })],
    ['powerOff', 7, () => lab.faults.powerOff()],
  ])('%s shows as curl’s error %i, and heals', async (_name, exitCode, strike) => {
    expect((await dial()).stdout).toBe('a model');
    await strike();
    expect(await dial()).toMatchObject({ exitCode });
    await lab.faults.heal();
    expect((await dial()).stdout).toBe('a model');
  });
});

describe('rootless Docker, set up by hand as the guide does', () => {
  it('is installed from the lab’s repository, whose key has the fingerprint that the lab tells', async () => {
    await run('sudo install -m 0755 -d /etc/apt/keyrings');
    await run('sudo curl -fsSL https://download.docker.com/linux/debian/gpg -o /etc/apt/keyrings/docker.asc');
    const source = [
      'Types: deb',
      'URIs: https://download.docker.com/linux/debian',
      'Suites: trixie',
      'Components: stable',
      'Signed-By: /etc/apt/keyrings/docker.asc',
    ].join('\n');
    await run('sudo tee /etc/apt/sources.list.d/docker.sources', { input: `${source}\n` });
    await run('sudo apt-get -q update');
    const packages =
      'docker-ce docker-ce-cli containerd.io docker-buildx-plugin docker-compose-plugin docker-ce-rootless-extras';
    const others = 'uidmap dbus-user-session slirp4netns fuse-overlayfs gnupg';
    await run(`sudo DEBIAN_FRONTEND=noninteractive apt-get -q -y install ${packages} ${others}`);
    const shown = await run('gpg --show-keys --with-colons /etc/apt/keyrings/docker.asc');
    expect(shown).toContain(`:${lab.packageKeyFingerprint}:`);
    expect(await run("dpkg -l 'docker*' runc rootlesskit | awk '/^ii/ {print $2}'")).not.toMatch(
      /docker\.io|docker-cli$|runc|rootlesskit$/m,
    );
  });

  it('brings a rootful service that runs, to be switched off', async () => {
    expect(await run('systemctl is-active docker.service docker.socket')).toBe('active\nactive');
    await run('sudo systemctl disable --now docker.service docker.socket');
  });

  it('is set up by Docker’s own tool and runs a container from Docker Hub', async () => {
    await run('dockerd-rootless-setuptool.sh install && sudo loginctl enable-linger claude');
    expect(await run('docker info --format "{{.Driver}} {{.CgroupVersion}} {{.SecurityOptions}}"')).toMatch(
      /^overlay2 2 .*rootless/,
    );
    expect(await run('docker run --rm hello-world')).toContain('Hello from Docker!');
    expect(await run('docker compose version')).toContain('Docker Compose version');
  });

  it('pulls the gateway by tag and by digest, and the real LiteLLM answers', async () => {
    const digest = lab.images[`berriai/litellm:${LITELLM_TAG}`];
    await run(`docker pull -q ${IMAGE}:${LITELLM_TAG}`);
    expect(await run(`docker image inspect -f '{{index .RepoDigests 0}}' ${IMAGE}:${LITELLM_TAG}`)).toBe(
      `${IMAGE}@${digest}`,
    );
    await run(`docker pull -q ${IMAGE}@${digest}`);
    await run('mkdir -p litellm && cat > litellm/config.yaml', { input: GATEWAY_CONFIG });
    const options =
      '--name litellm --restart unless-stopped -p 127.0.0.1:4000:4000 -e LITELLM_LOCAL_MODEL_COST_MAP=True';
    const mount = '-v ~/litellm/config.yaml:/app/config.yaml:ro';
    await run(`docker run -d ${options} ${mount} ${IMAGE}@${digest} --config /app/config.yaml --port 4000`);
    await gatewayAnswers();
    expect(await run('curl -sS http://127.0.0.1:4000/v1/models -H "Authorization: Bearer sk-test"')).toContain(
      '"local"',
    );
    expect(
      await run(`docker exec litellm python3 -c "import importlib.metadata as m; print(m.version('litellm'))"`),
    ).toBe(LITELLM_VERSION);
  });

  it('lets a container reach LM Studio and, by its real name, the cloud', async () => {
    const ask = (url: string) => run(`docker exec litellm python3 -c "import httpx; print(httpx.get('${url}').text)"`);
    expect(await ask(LM_STUDIO)).toBe('a model');
    expect(await ask('https://api.anthropic.com/')).toBe('the cloud');
  });

  it('has a release that cannot start', async () => {
    const broken = await lab.machine.ssh(
      `docker run --rm docker.litellm.ai/berriai/litellm:${BROKEN_LITELLM_TAG} --port 4000`,
    );
    expect(broken.exitCode).toBe(3);
    expect(broken.stderr).toContain('cannot start');
  });

  it('comes back after power off and on with nobody logged in', async () => {
    await lab.machine.poweroff();
    expect(lab.machine.isOn).toBe(false);
    await lab.machine.boot();
    const asRoot = { user: 'root' };
    await gatewayAnswers(asRoot);
    expect(await run('loginctl list-users --no-legend', asRoot)).toMatch(/claude +yes +lingering/);
  });

  it('comes back after the plug was pulled', async () => {
    await lab.machine.pullPlug();
    await lab.machine.boot();
    await gatewayAnswers({ user: 'root' });
  });
});

describe('more than one machine', () => {
  it('starts from a saved one, beside another that runs', async () => {
    await lab.machine.poweroff();
    await lab.machine.saveAs('lab-test');
    await lab.machine.boot();
    const second = await bootLab({ from: 'lab-test' });
    try {
      expect(second.machine.address).not.toBe(lab.machine.address);
      await until(
        'the gateway of the saved machine',
        async () => {
          return (await second.machine.ssh('docker ps --format "{{.Names}}"')).stdout === 'litellm\n';
        },
        60_000,
        500,
      );
      expect((await lab.machine.ssh('hostname')).stdout).toBe('claude-box\n');
    } finally {
      await second.close();
      await forgetSaved('lab-test');
    }
  });

  it('can have no user at all, for what root has to prepare', async () => {
    const bare = await bootLab({ user: null, hostname: 'bare-box' });
    try {
      expect(await bare.machine.ssh('id -un; hostname; getent passwd 1000')).toMatchObject({
        stdout: 'root\nbare-box\n',
      });
    } finally {
      await bare.close();
    }
  });

  it('asks for a password where sudo is meant to, and takes the right one', async () => {
    const strict = await bootLab({ user: 'someone', sudo: 'password' });
    try {
      expect((await strict.machine.ssh('sudo -n true')).exitCode).toBe(1);
      const input = `${strict.machine.password}\n`;
      expect(await strict.machine.ssh('sudo -S -p "" id -un', { input })).toMatchObject({ stdout: 'root\n' });
    } finally {
      await strict.close();
    }
  });

  it('leaves nothing behind when its process is killed', async () => {
    const script = join(import.meta.dirname, 'boot-and-wait.ts');
    const child = spawn(process.execPath, ['--import', 'tsx', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const number = line.toString().trim();
    expect(processesIn(`lab${number}`).length).toBeGreaterThan(5);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await until('the machine to end by itself', async () => processesIn(`lab${number}`).length === 0, 10_000);
    sweepAbandonedSlots();
    expect(existsSync(cacheDirectory('runs', number))).toBe(false);
    const left = await must('sh', ['-c', 'ip netns; ip -o link; ps -eo args']);
    expect(left).not.toMatch(new RegExp(`\\blab${number}w?\\b|runs/${number}/`));
  });
});

function gatewayAnswers(options: RemoteOptions = {}): Promise<void> {
  const asked = async () =>
    (await lab.machine.ssh('curl -sf -m 3 http://127.0.0.1:4000/health/liveliness', options)).exitCode === 0;
  return until('the gateway', asked, 120_000, 500);
}

const GATEWAY_CONFIG = `model_list:
  - model_name: local
    litellm_params:
      model: lm_studio/a-model
      api_base: http://${INSIDE.lmStudio}:1234/v1
      api_key: lm-studio
general_settings:
  master_key: sk-test
`;
