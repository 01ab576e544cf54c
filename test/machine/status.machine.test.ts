import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MEMORY_LIMIT, PIDS_LIMIT } from '../../src/docker-client/container.ts';
import type { StatusReport } from '../../src/status/report.ts';
import { gatewayLoad } from './gateway-load.ts';
import { openInstalledWorld } from './installed-world.ts';
import { until } from './lab/command.ts';
import { INSIDE } from './lab/wire.ts';
import { fakeClaude } from './stand-ins/download-scripts.ts';
import { gatewayAnswers, PROGRAM, type World } from './world.ts';

let world: World;

beforeAll(async () => {
  world = await openInstalledWorld();
  expect(await world.install('--yes --set launchers.sentinel=true')).toMatchObject({ exitCode: 0 });
});

afterAll(async () => {
  await world?.close();
});

const run: World['machine']['run'] = async (...words) => await world.machine.run(...words);

interface Timed {
  readonly report: StatusReport;
  readonly exitCode: number;
  /** Seconds of each run, the quickest first; of the middle one also what it took of the processors. */
  readonly runs: readonly { readonly wall: number; readonly processors: number }[];
}

/** Runs status as often as asked, in the machine, and tells how long each run took there. */
async function timed(times: number): Promise<Timed> {
  const loop = `TIMEFORMAT="%R %U %S"; for run in $(seq ${times}); do time ${PROGRAM} status --json >/tmp/report; code=$?; done`;
  const printed = (await run(`bash -c '{ ${loop}; } 2>/tmp/times; cat /tmp/times; echo $code; cat /tmp/report'`)).split(
    '\n',
  );
  const runs = printed.slice(0, times).map((line) => {
    const [wall = 0, user = 0, system = 0] = line.split(' ').map(Number);
    return { wall, processors: user + system };
  });
  return {
    report: JSON.parse(printed.slice(times + 1).join('\n')) as StatusReport,
    exitCode: Number(printed[times]),
    runs: runs.sort((one, other) => one.wall - other.wall),
  };
}

/** Far from the goal of 1.5 s: this only tells a bounded look from one that waits for whoever is silent. */
const muchTooLong = 30;

const dockerd = 'pgrep -u claude -x dockerd';

/** What breaks the machine, what fixes it again, and what status then has to say. */
const conditions: readonly {
  readonly name: string;
  readonly begin: () => Promise<unknown>;
  readonly end: () => Promise<unknown>;
  readonly exitCode: number;
  readonly says: object;
}[] = [
  {
    name: 'healthy',
    begin: async () => undefined,
    end: async () => undefined,
    exitCode: 0,
    says: {
      asWanted: true,
      docker: { rootless: true },
      container: { name: 'litellm', running: true, restarts: 0 },
      gateway: { litellm: expect.stringMatching(/^1\.108\./) },
      claudeCode: { channel: 'stable', source: 'native' },
      localModel: { server: 'LM Studio', chosen: 'qwen/qwen3.6-35b-a3b' },
      proven: { changedSince: [] },
      sentinel: { chosen: true, timer: { active: true } },
      lastRun: { command: 'install', exitCode: 0 },
      underWay: null,
      atWork: null,
    },
  },
  {
    name: 'LM Studio refuses',
    begin: async () => await world.lab.faults.refuse({ address: INSIDE.lmStudio }),
    end: async () => await world.lab.faults.heal(),
    exitCode: 0,
    says: { localModel: { problem: expect.stringMatching(/nothing listens on its port 1234/) }, asWanted: true },
  },
  {
    name: 'LM Studio drops packets',
    begin: async () => await world.lab.faults.drop({ address: INSIDE.lmStudio }),
    end: async () => await world.lab.faults.heal(),
    exitCode: 0,
    says: { localModel: { problem: expect.stringMatching(/did not answer on port 1234 within 1 s/) }, asWanted: true },
  },
  {
    name: 'container stopped',
    begin: async () => await run('docker stop litellm'),
    end: async () => {
      await run('docker start litellm');
      await gatewayAnswers(world);
    },
    exitCode: 2,
    says: { container: { running: false }, gateway: { problem: expect.stringMatching(/nothing listens/) } },
  },
  {
    name: 'engine hung',
    begin: async () => await run(`kill -STOP $(${dockerd})`),
    end: async () => await run(`kill -CONT $(${dockerd})`),
    exitCode: 2,
    says: {
      docker: { problem: expect.stringMatching(/^Docker did not answer within [\d.]+ s$/) },
      container: { problem: 'the engine did not answer' },
      gateway: { ms: expect.any(Number) },
    },
  },
  {
    name: 'engine stopped',
    begin: async () => await run('systemctl --user stop docker.service'),
    end: async () => {
      await run('systemctl --user start docker.service');
      await gatewayAnswers(world);
    },
    exitCode: 2,
    says: {
      docker: { problem: expect.stringMatching(/Cannot connect to the Docker daemon/) },
      system: { engineUnit: { active: false, enabled: true } },
    },
  },
];

describe('status', () => {
  it('fits on a screen', async () => {
    const { exitCode, stdout } = await world.machine.ssh(`bash -lc '${PROGRAM} status'`);
    console.log(stdout);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/everything is as it should be/);
    expect(stdout.trim().split('\n').length).toBeLessThan(40);
    expect(stdout).not.toContain(world.keys.anthropic);
  });

  it.each(conditions)('is honest and does not wait: $name', async ({ name, begin, end, exitCode, says }) => {
    await begin();
    const found = await timed(2).finally(end);
    const most = found.runs.at(-1)?.wall ?? Number.NaN;
    const load = await run('cut -d" " -f1 /proc/loadavg');
    const figures = found.runs.map(({ wall, processors }) => `${wall} s (processors ${processors.toFixed(2)} s)`);
    console.log(`status, ${name}: ${figures.join(', ')}; load ${load}`);
    expect(found.report).toMatchObject(says);
    expect(found.exitCode).toBe(exitCode);
    expect(most).toBeLessThan(muchTooLong);
  });
});

describe('the gateway’s container', () => {
  const load = async (clients: number, each: number, kilobytes: number) => {
    const key = await run('sed -n s/^LITELLM_MASTER_KEY=//p ~/.config/claude-secrets.env');
    await run('cat > /tmp/load.mjs', { input: gatewayLoad });
    const said = await run(`KEY=${key} node /tmp/load.mjs ${clients} ${each} ${kilobytes}`, { timeoutMs: 600_000 });
    return JSON.parse(said) as { readonly ends: Readonly<Record<string, number>>; readonly seconds: number };
  };
  /** What the gateway's process took at the most, in bytes, and its threads now; the lab's engine counts neither. */
  const taken = async (): Promise<{ memory: number; threads: number }> => {
    const said = await run("docker exec litellm awk '/^(VmHWM|Threads)/ { print $2 }' /proc/1/status");
    const [kilobytes = 0, threads = 0] = said.split('\n').map(Number);
    return { memory: kilobytes * 1024, threads };
  };

  it('may do no more than it needs, and misses nothing with fifty clients at once', async () => {
    const before = await taken();
    const { ends, seconds } = await load(50, 4, 150);
    const after = await taken();
    console.log(`gateway: before ${JSON.stringify(before)}, after ${JSON.stringify(after)}, ${seconds} s`);
    expect(ends).toEqual({ whole: 200 });
    const state = await run(
      "docker inspect -f '{{.State.OOMKilled}} {{.RestartCount}} {{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}}' litellm",
    );
    expect(state).toBe('false 0 true [ALL]');
    const bounds = await run("docker exec litellm grep -E '^(CapEff|CapBnd|NoNewPrivs)' /proc/1/status");
    expect(bounds.split(/\s+/)).toEqual(['CapEff:', '0'.repeat(16), 'CapBnd:', '0'.repeat(16), 'NoNewPrivs:', '1']);
    expect(await run('docker exec litellm touch /app/x 2>&1; true')).toMatch(/Read-only file system/);
    // Of this time alone: the tests before this one took away what it needs.
    const log = await run(`docker logs --since ${Math.ceil(seconds) + 5}s litellm 2>&1; true`);
    expect(log).not.toMatch(/read-only file|permission denied|not permitted|new thread|no space left/i);
    expect(after.memory).toBeLessThan(MEMORY_LIMIT / 2);
    expect(after.threads).toBeLessThan(PIDS_LIMIT / 2);
  });
});

describe('the sentinel', () => {
  const versions = '~/.local/share/claude/versions';
  const state = async (): Promise<string> => await run('cat ~/.local/state/claude-routing/sentinel 2>/dev/null; true');
  const watch = async (): Promise<string> => await run('systemctl --user start claude-routing-sentinel.service');
  const requests = (): number =>
    [...world.lmStudio.requests, ...world.anthropic.requests].filter(({ path }) => path.startsWith('/v1/messages'))
      .length;
  /** Starts a launcher as on a terminal; returns what stands on it. */
  const launched = async (): Promise<string> =>
    await run("script -qec 'claude-offline --version' /dev/null </dev/null; true");
  const line = /claude-offline: a proof failed since the last update; the cause: {2}npx claude-routing-install doctor/;

  it('sends nothing while what is installed is what was proven', async () => {
    const before = requests();
    await watch();
    await watch();
    expect(requests()).toBe(before);
    expect(await state()).toBe('');
    const cost =
      'begin=$EPOCHREALTIME; bash ~/.config/claude-routing/sentinel.bash; end=$EPOCHREALTIME; echo $(((${end/./} - ${begin/./}) / 1000))';
    console.log(`sentinel with nothing to do: ${await run(`bash -c '${cost}'`)} ms`);
  });

  it('notices by its timer an update that does not work, and the next launch says so', async () => {
    await run(`cat > ${versions}/2.1.275 && chmod 755 ${versions}/2.1.275`, { input: fakeClaude('2.1.275') });
    const current = await run('readlink ~/.local/bin/claude');
    await run(`ln -sf ${versions}/2.1.275 ~/.local/bin/claude`);
    const folder = '~/.config/systemd/user/claude-routing-sentinel.timer.d';
    await run(
      `mkdir -p ${folder} && printf '[Timer]\\nOnActiveSec=2s\\nAccuracySec=1s\\n' > ${folder}/soon.conf && systemctl --user daemon-reload && systemctl --user restart claude-routing-sentinel.timer`,
    );
    await until('the sentinel', async () => (await state()).startsWith('failed'), 60_000, 500);
    console.log(await state());
    expect(await state()).toMatch(/^failed \S+ 2\.1\.275:[0-9a-f]{12}:[0-9a-f]{12} claude-routed does not answer: /);
    expect(await launched()).toMatch(line);
    expect(await run('claude-offline --version 2>&1')).not.toMatch(line);
    await run(`rm -r ${folder} && systemctl --user daemon-reload`);
    await run(`ln -sf ${current} ~/.local/bin/claude`);
  });

  it('takes it back once what was proven is there again, and the line is gone', async () => {
    await watch();
    expect(await state()).toBe('');
    expect(await launched()).not.toMatch(line);
  });

  it('has written no key anywhere', async () => {
    const key = await run('sed -n s/^LITELLM_MASTER_KEY=//p ~/.config/claude-secrets.env');
    await run('cat > /root/canaries', { user: 'root', input: `${world.keys.anthropic}\n${key}\n` });
    expect(await run('journalctl --no-pager -q | grep -cFf /root/canaries; true', { user: 'root' })).toBe('0');
    const files =
      '/home/claude/.local/state/claude-routing /home/claude/.config/claude-routing /home/claude/.config/systemd';
    expect(await run(`grep -rlFf /root/canaries ${files}; true`, { user: 'root' })).toBe('');
    expect(
      await run('journalctl --no-pager -q --user -u claude-routing-sentinel | grep -c claude-routed; true'),
    ).not.toBe('0');
  });
});

describe('what somebody changed, and a choice taken back', () => {
  it('are named: a file with its three versions, a loosened container, and what is missing', async () => {
    await run("sed -i '/^    cap_drop:/,+1d; s/read_only: true/read_only: false/' ~/litellm/compose.yaml");
    await run('docker compose -f ~/litellm/compose.yaml up -d');
    await run("echo '# mine' >> ~/litellm/config.yaml && rm ~/.local/bin/claude-local");
    const { exitCode, stdout } = await world.machine.ssh(`${PROGRAM} status --verbose`);
    console.log(stdout);
    expect(exitCode).toBe(2);
    expect(stdout).toMatch(/gateway configuration: changed here since it was written/);
    expect(stdout).toMatch(/written ([0-9a-f]{8}) {3}now [0-9a-f]{8} {3}wanted \1/);
    expect(stdout).toMatch(/claude-local: missing/);
    expect(stdout.replace(/\s+/g, ' ')).toMatch(/has capabilities, may write its own files/);
  });

  it('are put right by one run: the container is bounded again, the sentinel gone with its timer and its files', async () => {
    expect(await world.install('--yes --set launchers.sentinel=false')).toMatchObject({ exitCode: 0 });
    expect(await run('systemctl --user list-timers --all --no-legend | grep -c sentinel; true')).toBe('0');
    expect(
      await run('find ~/.config ~/.local/state/claude-routing -maxdepth 3 -name "*sentinel*" | grep -v backups; true'),
    ).toBe('');
    expect(await run("docker inspect -f '{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}}' litellm")).toBe(
      'true [ALL]',
    );
    const { exitCode, stdout } = await world.machine.ssh(`${PROGRAM} status`);
    expect(exitCode, stdout).toBe(0);
  });
});
