import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TmuxTerminal } from '../wizard/tmux-terminal.ts';
import { type Installation, openInstalledWorld } from './installed-world.ts';
import { until } from './lab/command.ts';
import { gatewayAnswers, PROGRAM, type World } from './world.ts';

let world: World;

beforeAll(async () => {
  world = await openInstalledWorld();
});

afterAll(async () => {
  await world?.close();
});

const run: World['machine']['run'] = async (...words) => await world.machine.run(...words);

const asRoot = { user: 'root' };

/** Every file of the home, /etc and the package database with its time, size and mode; what the container engine keeps for itself left out. */
async function snapshot(): Promise<string> {
  const places = '/home/claude /etc /usr/local /var/lib/dpkg';
  return await run(
    `find ${places} -path /home/claude/.local/share/docker -prune -o -printf '%p %T@ %s %m\\n' | sort`,
    asRoot,
  );
}

describe('a bare Debian 13 with nothing but nodejs', () => {
  it('is set up and proven by one unattended run, with no key in any argument list meanwhile', async () => {
    const { exitCode, stdout, watched } = JSON.parse(await run('cat /root/installation.json', asRoot)) as Installation;
    expect(exitCode, stdout).toBe(0);
    expect(stdout).toMatch(/claude-local -p: local answered/);
    expect(stdout).not.toContain(world.keys.anthropic);
    expect(watched).toBe('sought: 2');
    await run('cat > /root/canaries', { ...asRoot, input: `${world.keys.anthropic}\n` });
  });

  it('answers through the real gateway over plain `ssh HOST claude-routed -p`, served by the cloud', async () => {
    const before = world.anthropic.requests.length;
    expect(await run("claude-routed -p 'say hi'")).toMatch(/claude-sonnet-5-5 on the Claude API/);
    expect(served(world.anthropic.requests.slice(before))).toContain('claude-sonnet-5-5');
  });

  it('answers `ssh HOST claude-local -p` from LM Studio, and no cloud hears of it', async () => {
    const [cloud, local] = [world.anthropic.requests.length, world.lmStudio.requests.length];
    expect(await run("claude-local -p 'say hi'")).toMatch(/qwen\/qwen3\.6-35b-a3b on LM Studio/);
    expect(served(world.lmStudio.requests.slice(local))).toContain('qwen/qwen3.6-35b-a3b');
    expect(served(world.anthropic.requests.slice(cloud))).toEqual([]);
  });

  it.each([
    ['local', 'lm-studio:local'],
    ['claude-sonnet-5-5', 'claude-api:claude-sonnet-5-5'],
  ])('%s is answered by %s, says the header of the gateway', async (model, deployment) => {
    const body = JSON.stringify({ model, max_tokens: 16, messages: [{ role: 'user', content: 'hi' }] });
    const key = '"Authorization: Bearer $(sed -n s/^LITELLM_MASTER_KEY=//p ~/.config/claude-secrets.env)"';
    const headers = await run(
      `curl -s -D - -o /dev/null http://127.0.0.1:4000/v1/messages -H ${key} -H 'content-type: application/json' -d '${body}'`,
    );
    expect(headers).toMatch(new RegExp(`x-litellm-model-id: ${deployment}`));
  });

  it('is bound to loopback only, and refuses who has no key', async () => {
    expect(await run("ss -Hltn 'sport = :4000' | awk '{print $4}'", asRoot)).toBe('127.0.0.1:4000');
    expect(await run("curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:4000/v1/models")).toBe('401');
  });

  it('holds the keys in their own file and the container’s environment, and nowhere else', async () => {
    await run('sed -n s/^LITELLM_MASTER_KEY=//p ~claude/.config/claude-secrets.env >> /root/canaries', asRoot);
    const holders = await run(
      'grep -rlaFf /root/canaries / --exclude-dir=proc --exclude-dir=sys --exclude-dir=dev --exclude-dir=root 2>/dev/null; true',
      asRoot,
    );
    expect(holders.split('\n').filter((path) => !KEY_HOLDERS.some((holder) => holder.test(path)))).toEqual([]);
    expect(await run('journalctl --no-pager -q | grep -cFf /root/canaries; true', asRoot)).toBe('0');
    expect(await run('stat -c %a ~/.config/claude-secrets.env')).toBe('600');
  });
});

/** The keys' own file, the file that this test put them into, and where the engine keeps a container's environment. */
const KEY_HOLDERS = [
  /^\/home\/claude\/\.config\/claude-secrets\.env$/,
  /^\/home\/claude\/claude\.key$/,
  /^\/home\/claude\/\.local\/share\/docker\/containers\/[0-9a-f]+\/config\.v2\.json$/,
  /^\/home\/claude\/\.local\/share\/docker\/containerd\/daemon\/io\.containerd\.metadata\.v1\.bolt\/meta\.db$/,
  /^\/run\/user\/1000\/docker\/containerd\/daemon\/io\.containerd\.runtime\.v2\.task\/moby\/[0-9a-f]+\/config\.json$/,
];

function served(requests: World['anthropic']['requests']): readonly (string | undefined)[] {
  return requests
    .filter(({ path, answer }) => path.startsWith('/v1/messages') && answer.status === 200)
    .map(({ answer }) => answer.model);
}

describe('the same again', () => {
  it('changes nothing, not even a time stamp, and says so', async () => {
    const before = await snapshot();
    const started = Date.now();
    const again = await world.install('--yes --answers answers.yaml');
    console.log(`nothing to do in ${Date.now() - started} ms`);
    expect(again).toMatchObject({ exitCode: 0 });
    expect(again.stdout).toMatch(/Nothing to do/);
    expect(again.stdout.match(/already in place/g)).toHaveLength(14);
    expect(await snapshot()).toBe(before);
  });

  it('needs no answers file any more', async () => {
    expect(await run(PROGRAM)).toMatch(/Nothing to do/);
    expect(await run(`${PROGRAM} plan`)).toMatch(/Nothing to do/);
    expect(await run(`${PROGRAM} status`)).toMatch(/everything is as it should be/);
  });

  it('names the three things that were broken, and fixes exactly those', async () => {
    await run(
      "rm ~/.local/bin/claude-local && sed -i 's/drop_params: true/drop_params: false/' ~/litellm/config.yaml && docker stop litellm",
    );
    const plan = await world.install('plan --json');
    expect(plan.exitCode).toBe(2);
    expect(changesIn(plan.stdout)).toEqual(['gateway configuration', 'gateway container', 'claude-local']);
    const before = await run('wc -l < ~/.local/state/claude-routing/journal.jsonl');
    expect(await world.install('--yes')).toMatchObject({ exitCode: 0 });
    const journal = await run(`tail -n +${Number(before) + 1} ~/.local/state/claude-routing/journal.jsonl`);
    expect(performedIn(journal)).toEqual(['gateway configuration', 'gateway container', 'claude-local']);
    expect(await run(`${PROGRAM} plan`)).toMatch(/Nothing to do/);
  });
});

/** The resources that a JSON plan would change. */
function changesIn(lines: string): readonly string[] {
  const events = lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; resource?: string; plan?: { status: string } });
  return events
    .filter(({ type, plan }) => type === 'planned' && plan?.status !== 'ok')
    .map(({ resource = '' }) => resource);
}

function performedIn(journal: string): readonly string[] {
  const entries = journal
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { state?: string; resource?: string });
  return entries.filter(({ state }) => state === 'done').map(({ resource = '' }) => resource);
}

describe('a gateway image that cannot start', () => {
  it('is told with its last words after seconds, and the tested one is put back by the next run', async () => {
    const started = Date.now();
    const broken = await world.install('--yes --set gateway.image=ghcr.io/berriai/litellm:v1.108.99');
    console.log(`the broken image was told after ${Date.now() - started} ms`);
    expect(broken).toMatchObject({ exitCode: 1 });
    expect(broken.stdout.replace(/\s+/g, ' ')).toMatch(/this release cannot start/);
    expect(Date.now() - started).toBeLessThan(90_000);
    expect(await world.install('--yes --answers answers.yaml')).toMatchObject({ exitCode: 0 });
    expect(await run("claude-local -p 'say hi'")).toMatch(/on LM Studio/);
  });
});

describe('a port that somebody else holds', () => {
  const holders = [
    ['another web server', `require('http').createServer((q, a) => a.end('hello'))`],
    [
      'another LiteLLM gateway',
      `require('http').createServer((q, a) => a.end('{"status":"healthy","db":"Not connected"}'))`,
    ],
    ['something that does not speak HTTP', `require('net').createServer((c) => c.end('220 mail'))`],
  ] as const;

  it('is told apart, each of them, and taken back when it is free', async () => {
    await run('docker stop litellm');
    for (const [who, server] of holders) {
      await run(
        `systemd-run --user --unit=holder --collect node -e "${server.replaceAll('"', '\\"')}.listen(4000, '127.0.0.1')"`,
      );
      const taken = "ss -Hltn 'sport = :4000' | grep -q .";
      await until('the other server', async () => (await world.machine.ssh(taken)).exitCode === 0, 20_000, 200);
      const refused = await world.install('--yes');
      await run('systemctl --user stop holder');
      expect(refused, who).toMatchObject({ exitCode: 69 });
      expect(refused.stdout.replace(/\s+/g, ' ')).toContain(`port 4000 on 127.0.0.1 is taken by ${who}`);
    }
    expect(await world.install('--yes')).toMatchObject({ exitCode: 0 });
  });
});

describe('a key that is replaced', () => {
  const newKey = () => `sk-ant-api03-${randomBytes(24).toString('hex')}`;
  let current = '';

  async function rotated(key: string, rotate: () => Promise<{ readonly exitCode: number; readonly stdout: string }>) {
    const former = current === '' ? world.keys.anthropic : current;
    world.anthropic.settings.keys = { [former]: null, [key]: null };
    const made = await run("docker inspect -f '{{.Created}}' litellm");
    const started = Date.now();
    const result = await rotate();
    console.log(`rotated in ${Date.now() - started} ms`);
    expect(result, result.stdout).toMatchObject({ exitCode: 0 });
    world.anthropic.settings.keys = { [key]: null };
    current = key;
    expect(await run("docker inspect -f '{{.Created}}' litellm")).not.toBe(made);
    expect(await run("claude-routed -p 'say hi'")).toMatch(/on the Claude API/);
    expect(result.stdout).not.toContain(key);
    await run('rm -f ~/claude.key');
    expect(await holdersOf(former)).toEqual([]);
    expect(await holdersOf(key)).not.toEqual([]);
  }

  async function holdersOf(value: string): Promise<readonly string[]> {
    await run('cat > /root/sought', { ...asRoot, input: `${value}\n` });
    const found = await run(
      'grep -rlaFf /root/sought / --exclude-dir=proc --exclude-dir=sys --exclude-dir=dev --exclude-dir=root 2>/dev/null; true',
      asRoot,
    );
    const holders = found.split('\n').filter((path) => path !== '');
    console.log(`held by: ${holders.join(', ') || 'no file'}`);
    return holders.filter((path) => !FREE_PAGES.test(path));
  }

  it('typed at the question: proven, the container created again, the former value gone from the disk, dots on the screen', async () => {
    const key = newKey();
    await rotated(key, async () => {
      const words = [...world.machine.sshArgs(), '-tt', `${PROGRAM} secrets rotate ANTHROPIC_DIRECT_KEY`];
      const screen = new TmuxTerminal(['ssh', ...words], { columns: 80, env: { PATH: '/usr/bin:/bin' } });
      try {
        await screen.sees('New ANTHROPIC_DIRECT_KEY');
        screen.type(key);
        screen.press('Enter');
        await screen.sees('Go on?', 60_000);
        screen.press('Enter');
        await screen.sees('ENDED WITH', 240_000);
        return { exitCode: await screen.exitCode(), stdout: screen.text };
      } finally {
        screen.close();
      }
    });
    await world.writeAnswers();
    await run('cat > ~/claude.key', { input: `${key}\n` });
  });
});

/** A database of the engine does not wipe the pages that it gives up; it lies in the account's own closed folder. */
const FREE_PAGES = /\/containerd\/daemon\/io\.containerd\.metadata\.v1\.bolt\/meta\.db$/;

describe('power', () => {
  it('off and on again with nobody logged in: the gateway answers', async () => {
    await world.machine.poweroff();
    await world.machine.boot();
    await gatewayAnswers(world, 'root');
    expect(await run('loginctl list-sessions --no-legend | grep claude | grep -vc manager; true', asRoot)).toBe('0');
    expect(await run(`${PROGRAM} plan`)).toMatch(/Nothing to do/);
  });
});

describe('ways in', () => {
  it('works under su, because linger keeps the bus there', async () => {
    const under = await world.machine.onHost(`su - claude -c '${PROGRAM} plan'`);
    expect(under).toMatchObject({ exitCode: 0 });
    expect(under.stdout).toMatch(/Nothing to do/);
  });
});
