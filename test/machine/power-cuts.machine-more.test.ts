import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gatewayAnswers, openWorld, PROGRAM, type World } from './world.ts';

let world: World;

beforeAll(async () => {
  world = await openWorld();
  const toolchain = { mise: true, tools: ['node@22'] };
  await world.writeAnswers({ system: { fail2ban: true, firewall: true }, toolchain });
});

afterAll(async () => await world?.close());

/** Whether dpkg unpacks or sets up a package whose name begins so, by the last line of its log. */
const dpkgAt = (status: string, name: string): string =>
  `tail -n1 /var/log/dpkg.log | grep -q 'status ${status} ${name}'`;
const journalHas = (words: string): string =>
  `grep -qF '${words}' /home/claude/.local/state/claude-routing/journal.jsonl`;

/** Moments of one installation, in their order, each by what a shell of root sees of it. */
const MOMENTS: readonly (readonly [name: string, seen: string])[] = [
  ['the package lists are fetched', 'pgrep -f "[a]pt-get.* update"'],
  ['packages are fetched', 'ls /var/cache/apt/archives/partial/*.deb /var/cache/apt/archives/*.deb'],
  ['a package is unpacked', dpkgAt('half-installed', '[g-z]')],
  ['a package is set up', dpkgAt('half-configured', '[d-z]')],
  ["Docker's packages are unpacked", dpkgAt('half-installed', 'docker-ce')],
  ["Docker's packages are set up", dpkgAt('half-configured', '[c-d]')],
  ['the engine is set up', 'pgrep -f "[d]ockerd-rootless-setuptool.sh --force install"'],
  ['the first container runs', journalHas('hello-world')],
  ['Claude Code is fetched', 'pgrep -f "[c]laude.* install|[c]laude-code"'],
  ["the gateway's image is stored", 'ls /home/claude/.local/share/docker/tmp/GetImageBlob*'],
  ['the gateway is started', 'pgrep -f "[c]ompose .*up"'],
  ['a launcher is written', journalHas('bin/claude-local')],
];

describe('the plug, pulled all along one installation', () => {
  it.each(MOMENTS)('when %s: the next run gets further', async (_, seen) => {
    const watching = `for i in $(seq 30000); do { ${seen}; } > /dev/null 2>&1 && exit; [ -e /run/over ] && exit 3; sleep 0.01; done; exit 4`;
    const watched = world.machine.onHost(watching, { timeoutMs: 600_000 });
    const run = world.install('--yes --answers answers.yaml').then(async (ended) => {
      if (world.machine.isOn) await world.machine.onHost('touch /run/over');
      return ended;
    });
    const { exitCode } = await watched;
    if (exitCode === 0) await world.machine.pullPlug();
    const { stdout } = await run;
    expect(exitCode, `this moment was not met:\n${stdout}`).toBe(0);
    await world.machine.boot();
    const left = await world.machine.onHost("dpkg-query -W -f '${db:Status-Status}\\n' | sort | uniq -c");
    console.log(left.stdout.replace(/\s+/g, ' '));
  });

  it('ends healthy, with no package half installed', async () => {
    const last = await world.install('--yes --answers answers.yaml');
    expect(last.exitCode, last.stdout).toBe(0);
    const packages = await world.machine.onHost("dpkg --audit; dpkg-query -W -f '${db:Status-Status}\\n' | sort -u");
    expect(packages.stdout).toBe('installed\n');
    await gatewayAnswers(world);
    expect((await world.install('plan')).stdout).toMatch(/Nothing to do/);
    expect(await world.machine.run(`${PROGRAM} doctor; claude-local -p 'say hi'`)).toMatch(/on LM Studio/);
  });
});
