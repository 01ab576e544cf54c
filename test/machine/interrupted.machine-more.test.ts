import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from './lab/command.ts';
import { openWorld, PROGRAM, type World } from './world.ts';

let world: World;

beforeAll(async () => {
  world = await openWorld();
  await world.writeAnswers();
});

afterAll(async () => {
  await world?.close();
});

const journal = '/home/claude/.local/state/claude-routing/journal.jsonl';

/** Perl that waits for one of the package managers' locks as they do, holds it for so many seconds, and ends by itself. Source: fcntl(2). */
const holdLock = (file: string, seconds: number): string =>
  `perl -e 'alarm 200; open my $f, "+>>", "${file}" or die; my $lock = pack("s s x4 q q l x4", 1, 0, 0, 0, 0); fcntl($f, 7, $lock) or die; sleep ${seconds}'`;

/** Runs a command as root that has to succeed. */
async function asRoot(command: string, timeoutMs = 120_000): Promise<string> {
  const result = await world.machine.onHost(command, { timeoutMs });
  expect(result, command).toMatchObject({ exitCode: 0 });
  return result.stdout.trim();
}

/** Waits in the machine until the journal has these words. */
async function journalHas(words: string): Promise<void> {
  await asRoot(
    `for i in $(seq 6000); do grep -qF '${words}' ${journal} && exit; sleep 0.05; done 2>/dev/null; exit 1`,
    400_000,
  );
}

const install = '--yes --answers answers.yaml';

describe('a package manager that somebody else uses', () => {
  beforeAll(async () => {
    expect(await world.install(`${install} --only secrets,base-system`)).toMatchObject({ exitCode: 0 });
  });

  it('is waited for before anything is looked at, in words', async () => {
    const held = asRoot(holdLock('/var/lib/dpkg/lock-frontend', 20));
    await until('the lock', async () => (await world.machine.onHost('pgrep -x perl')).exitCode === 0, 10_000, 100);
    const { exitCode, stdout } = await world.install(`${install} --only secrets`);
    await held;
    expect(stdout.replace(/\s+/g, ' ')).toMatch(
      /Waiting for perl \(process \d+\), which is changing packages\. Ctrl-C stops waiting/,
    );
    expect(exitCode, stdout).toBe(0);
  });

  it.each([
    ['/var/lib/apt/lists/lock', 'update'],
    ['/var/lib/dpkg/lock-frontend', 'install'],
  ])('and takes %s when a run is under way: the log says so, and the run goes on', async (lock, verb) => {
    await asRoot('DEBIAN_FRONTEND=noninteractive apt-get -qy remove jq; rm -rf /var/lib/apt/lists/*');
    // The first of the search path of sudo: a machine that takes two seconds to start apt-get, and somebody who is faster.
    const slow = `#!/bin/sh\ncase "$*" in *" ${verb}"*) touch /run/asked; sleep 2 ;; esac\nexec /usr/bin/apt-get "$@"\n`;
    await asRoot(
      `rm -f /run/asked; printf '${slow.replaceAll('\n', '\\n')}' > /usr/local/sbin/apt-get; chmod +x /usr/local/sbin/apt-get`,
    );
    const holding = asRoot(
      `for i in $(seq 3000); do [ -e /run/asked ] && break; sleep 0.05; done; ${holdLock(lock, 40)}`,
      240_000,
    );
    const { exitCode, stdout } = await world.install(`${install} --only secrets,base-system`);
    await holding;
    await asRoot('rm /usr/local/sbin/apt-get');
    expect(exitCode, stdout).toBe(0);
    expect(stdout.replace(/\s+/g, ' ')).toMatch(/still at it after \d+ s: .{0,80}[Ll]ock/);
  });
});

describe('a run that is killed inside the Docker packages, with apt still at work', () => {
  it('is followed by one that waits for apt, in words, and installs', async () => {
    const first = world.install(install);
    await journalHas('docker-ce');
    await until('dpkg at work', async () => (await world.machine.onHost('pgrep -x dpkg')).exitCode === 0, 120_000, 50);
    await asRoot('pkill -KILL -u claude -x node');
    await first;
    const again = await world.install(install);
    expect(again.stdout).toMatch(/Waiting for \S+ \(process \d+\), which is changing packages/);
    expect(again.exitCode, again.stdout).toBe(0);
    expect(again.stdout).not.toContain('\u001b');
    expect(await asRoot("dpkg --audit; dpkg-query -W -f '${db:Status-Status}\\n' | sort -u")).toBe('installed');
  });
});

describe('the plug, pulled when the container is made and not started', () => {
  it('leaves a container that never ran; the next run takes the port back and makes it serve', async () => {
    await asRoot(`runuser -u claude -- docker -H unix:///run/user/1000/docker.sock rm -f litellm`);
    // The engine is held as soon as the container is there: what comes next, its start, does not come.
    const frozen = asRoot(
      `grep -m1 -q container < <(exec timeout 200 runuser -u claude -- docker -H unix:///run/user/1000/docker.sock events --filter event=create --format '{{.Type}}'); pkill -STOP -x dockerd`,
      240_000,
    );
    const cut = world.install('--yes');
    await frozen;
    await pause(500);
    await world.machine.pullPlug();
    expect((await cut).exitCode).toBe(255);
    await world.machine.boot();
    const left = await world.machine.ssh("docker ps -a --format '{{.Names}} {{.State}}'; ss -Hltn 'sport = :4000'");
    console.log(`left: ${left.stdout}`);
    expect(left.stdout).toContain('litellm created');
    const again = await world.install('--yes');
    expect(again.exitCode, again.stdout).toBe(0);
    expect((await world.machine.ssh(`${PROGRAM} plan && claude-local -p 'say hi'`)).stdout).toMatch(/on LM Studio/);
  });
});
