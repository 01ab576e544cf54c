import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { BY_HAND } from './by-hand.ts';
import { besideTheGate } from './extent.ts';
import { until } from './lab/command.ts';
import { differences, home, type Places, placesBelow, unaccounted, uninstall } from './uninstalling.ts';
import { gatewayAnswers, openWorld, PROGRAM, type World, type WorldOptions } from './world.ts';

let world: World | undefined;

afterEach(async () => {
  await world?.close();
  world = undefined;
});

const asRoot = { user: 'root' };

async function open(options: WorldOptions = {}): Promise<World> {
  world = await openWorld(options);
  return world;
}

describe('a machine that was set up by hand after the guide', () => {
  const inspect = "docker inspect -f '{{.Id}} {{.HostConfig.RestartPolicy.Name}}' litellm";
  let here: World;
  let container: string;
  let asByHand: { readonly home: Places; readonly etc: Places };

  beforeAll(async () => {
    here = await openWorld({ program: 'single file' });
    await here.writeAnswers({ cloud: { anthropic: {} } });
    const byHand = await here.machine.ssh('bash -s', { input: BY_HAND, timeoutMs: 600_000 });
    expect(byHand, byHand.stderr).toMatchObject({ exitCode: 0 });
    await gatewayAnswers(here);
    await here.machine.run('mkdir ~/dotfiles && chmod 600 ~/.bashrc && mv ~/.bashrc ~/dotfiles/bashrc');
    await here.machine.run('ln -s dotfiles/bashrc ~/.bashrc');
    container = await here.machine.run(inspect);
    asByHand = { home: await placesBelow(here, home), etc: await placesBelow(here, '/etc') };
  });
  afterAll(async () => await here?.close());

  it('is adopted: nothing of it is lost, and all of it works', async () => {
    const before = await here.machine.run('cat ~/.bashrc ~/litellm/config.yaml');

    const adopted = await here.install('--yes --answers answers.yaml');
    console.log(adopted.stdout);
    expect(adopted, adopted.stdout).toMatchObject({ exitCode: 0 });

    const backups = [...adopted.stdout.replace(/\s+/g, ' ').matchAll(/kept as (~?\/\S+)/g)].map(
      (match) => match[1] ?? '',
    );
    const find = (end: string) => backups.find((path) => path.endsWith(end)) ?? 'no backup was named';
    expect(await here.machine.run(`cat ${find('/home/claude/.bashrc')} ${find('/litellm/config.yaml')}`)).toBe(before);
    expect(await here.machine.run('readlink ~/.bashrc && stat -c %a ~/dotfiles/bashrc')).toBe('dotfiles/bashrc\n600');
    expect(
      await here.machine.run("docker ps -a --filter name=litellm-before- --format '{{.Names}} {{.State}}'"),
    ).toMatch(/^litellm-before-\d+ exited$/);
    expect(await here.machine.run('cat ~/.config/claude-secrets.env')).toMatch(
      /# my keys\nLITELLM_MASTER_KEY=sk-local-made-by-hand-0123456789\n[\s\S]*OTHER_TOOL=kept/,
    );
    expect(JSON.parse(await here.machine.run('cat ~/.claude-routed/settings.json'))).toEqual({
      effortLevel: 'high',
      theme: 'dark',
      env: { MY_OWN: '1' },
    });
    expect(await here.machine.run('grep -rl download.docker.com /etc/apt/sources.list.d')).toBe(
      '/etc/apt/sources.list.d/docker.sources',
    );

    const shell = await here.machine.ssh("bash -ic 'type -t ll claude-routed claude-local; alias claude-local'", {
      timeoutMs: 60_000,
    });
    expect(shell.stdout).toBe('alias\nfunction\nfunction\n');
    expect(shell.stderr).not.toMatch(/syntax error/);
    expect(await here.machine.run("bash -ic 'claude-local -p hi' 2>/dev/null")).toMatch(/on LM Studio/);
    expect(await here.machine.run(`${PROGRAM} plan`)).toMatch(/Nothing to do/);
  });

  it('is as it was by hand after uninstall, and the hand-made gateway answers again', async () => {
    const done = await uninstall(here);
    expect(done, done.output).toMatchObject({ exitCode: 0 });
    const [inHome, inEtc] = [await placesBelow(here, home), await placesBelow(here, '/etc')];
    console.log(`kept:\n${done.kept.join('\n')}`);
    expect(unaccounted(differences(asByHand.home, inHome), done)).toEqual([]);
    const left = differences(asByHand.etc, inEtc).filter((line) => line.startsWith('/etc/apt'));
    console.log(`different in /etc/apt:\n${left.join('\n')}`);
    expect(left.filter((line) => !line.startsWith('/etc/apt/apt.conf.d'))).toEqual([]);
    expect(await here.machine.run(inspect)).toBe(container);
    await gatewayAnswers(here);
    expect(await here.machine.run(`${PROGRAM} uninstall --yes`)).toMatch(/Nothing to remove/);
  });
});

describe('a machine with a root account only', () => {
  it('is prepared by root, and a second time there is nothing to do', async () => {
    const here = await open({ user: null, hostname: 'bare-box' });
    await here.machine.run("ssh-keygen -q -t ed25519 -N '' -f /root/visitor", asRoot);
    const words = '--yes --user worker --authorized-key /root/visitor.pub';
    const prepared = await here.install(`prepare-host ${words}`, { user: 'root' });
    expect(prepared, prepared.stdout).toMatchObject({ exitCode: 0 });
    expect(await here.machine.run('id -nG worker', asRoot)).toMatch(/\bsudo\b/);
    expect(await here.machine.run('loginctl show-user worker -p Linger --value', asRoot)).toBe('yes');
    expect(await here.machine.run('stat -c "%U %a" ~worker/.ssh ~worker/.ssh/authorized_keys', asRoot)).toBe(
      'worker 700\nworker 600',
    );
    expect(
      await here.machine.run(
        'ssh -o StrictHostKeyChecking=no -i /root/visitor worker@localhost "id -un; test -S /run/user/$(id -u)/bus || test -S \\$XDG_RUNTIME_DIR/bus; echo \\$?"',
        asRoot,
      ),
    ).toMatch(/^worker\n0$/);
    expect((await here.install(`prepare-host ${words}`, { user: 'root' })).stdout).toMatch(/Nothing to do/);
  });

  besideTheGate('is prepared alike by the printed script, run twice', async () => {
    const here = await open({ user: null, hostname: 'bare-box' });
    await here.machine.run(
      `${PROGRAM} prepare-host --print-script --user helper > prepare.sh && sh prepare.sh > first.log 2>&1 && sh prepare.sh > second.log 2>&1`,
      asRoot,
    );
    expect((await here.install('prepare-host --yes --user helper', { user: 'root' })).stdout).toMatch(/Nothing to do/);
  });
});

describe('a machine whose sudo asks for a password', () => {
  it('refuses --yes before anything is touched, and works once the administrator allows it', async () => {
    const here = await open({ user: 'someone', sudo: 'password' });
    await here.writeAnswers();
    const files = "find /home /etc -printf '%p %T@ %s\\n' | sort | sha256sum";
    const before = await here.machine.run(files, asRoot);
    const refused = await here.install('--yes --answers answers.yaml');
    expect(refused).toMatchObject({ exitCode: 69 });
    expect(refused.stdout).toMatch(/sudo needs a password/);
    expect(await here.machine.run(files, asRoot)).toBe(before);
  });
});

describe('a bare machine', () => {
  let here: World;
  beforeAll(async () => {
    here = await openWorld({ program: 'single file' });
    await here.writeAnswers();
  });
  afterAll(async () => await here?.close());

  it('refuses a shell without a login session, with the way out', async () => {
    await until(
      'the last session to end',
      async () => (await here.machine.onHost('test -e /run/user/1000')).exitCode !== 0,
      60_000,
      500,
    );
    const under = await here.machine.onHost(`su - claude -c '${PROGRAM} --yes --answers answers.yaml'`);
    expect(under).toMatchObject({ exitCode: 69 });
    expect(under.stdout.replace(/\s+/g, ' ')).toMatch(/exit and log in with ssh claude@10\.77\.0\.2/);
  });

  it("shows Debian's own docker packages and asks, and replaces them when that is allowed", async () => {
    await here.machine.run(
      'sudo apt-get -qq update && sudo DEBIAN_FRONTEND=noninteractive apt-get -qq -y install docker.io > /dev/null',
    );
    const words = '--yes --answers answers.yaml --only secrets,base-system,docker-engine';
    const asked = await here.install(words);
    expect(asked).toMatchObject({ exitCode: 69 });
    expect(asked.stdout.replace(/\s+/g, ' ')).toMatch(
      /docker\.io.* allow their removal with --set docker\.removeConflicting=true/,
    );
    const allowed = await here.install(`${words} --set docker.removeConflicting=true`);
    expect(allowed, allowed.stdout).toMatchObject({ exitCode: 0 });
    expect(
      await here.machine.run(
        "dpkg-query -W -f '${db:Status-Status} ${Package}\\n' | grep -x -e 'installed docker.io' -e 'installed containerd' -e 'installed runc'; true",
      ),
    ).toBe('');
  });

  it('is hardened, moved in time and upgraded when asked for, leaves SSH open, and settles', async () => {
    await here.writeAnswers({
      system: { timezone: 'Europe/Berlin', fullUpgrade: true, fail2ban: true, firewall: true },
    });
    const words = '--yes --answers answers.yaml --only secrets,base-system';
    const done = await here.install(words);
    expect(done, done.stdout).toMatchObject({ exitCode: 0 });
    expect(await here.machine.run('timedatectl show -p Timezone --value; systemctl is-active fail2ban')).toBe(
      'Europe/Berlin\nactive',
    );
    expect(await here.machine.run('nft list chain inet claude_routing input', asRoot)).toMatch(/policy drop/);
    const planned = await here.install('plan --answers answers.yaml --only secrets,base-system');
    expect(planned, planned.stdout).toMatchObject({ exitCode: 0 });
    await here.machine.poweroff();
    await here.machine.boot();
    expect(await here.machine.run('nft list chain inet claude_routing input', asRoot)).toMatch(/policy drop/);
    const again = await here.install('plan --answers answers.yaml --only secrets,base-system');
    expect(again, again.stdout).toMatchObject({ exitCode: 0 });
  });
});
