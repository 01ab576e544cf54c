import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { besideTheGate } from './extent.ts';
import { openInstalledWorld } from './installed-world.ts';
import { until } from './lab/command.ts';
import { BROKEN_LITELLM_TAG, LITELLM_TAG } from './lab/litellm-image.ts';
import { OLDER_LITELLM_TAG, TWO_FACED_LITELLM_TAG } from './lab/litellm-variants.ts';
import { DOWNLOAD_VERSIONS } from './stand-ins/download-cache.ts';
import { MUTE_CLAUDE } from './stand-ins/downloads.ts';
import { PROGRAM, type World } from './world.ts';

const repository = 'ghcr.io/berriai/litellm';
let world: World;

beforeAll(async () => {
  world = await openInstalledWorld();
  const older = await world.install(`--yes --set gateway.image=${repository}:${OLDER_LITELLM_TAG}`);
  expect(older, older.stdout).toMatchObject({ exitCode: 0 });
  // What an update has to fetch is not here.
  const used = "docker inspect -f '{{.Image}}' litellm";
  const others = `docker images --no-trunc --format '{{.ID}}' ${repository} | grep -vx "$(${used})" | sort -u`;
  await run(`${others} | xargs -r docker image rm --force`);
  await run('cat > asking.sh', { input: ASKING });
});

afterAll(async () => {
  await world?.close();
});

const run: World['machine']['run'] = async (...words) => await world.machine.run(...words);

/** Asks the gateway what Claude Code asks, all the time, and notes what came. */
const ASKING = `
key=$(sed -n s/^LITELLM_MASTER_KEY=//p ~/.config/claude-secrets.env)
body='{"model":"local","max_tokens":8,"messages":[{"role":"user","content":"hi"}]}'
while [ -e asking ]; do
  status=$(curl -s -m 5 -o /dev/null -w '%{http_code}' http://127.0.0.1:4000/v1/messages -H "Authorization: Bearer $key" -H 'content-type: application/json' -d "$body")
  echo "$(date +%s%3N) $status" >> asked
  sleep 0.4
done`;

interface Asked {
  readonly answered: number;
  /** Between the last answer before and the first answer after, at most. */
  readonly secondsWithout: number;
  readonly answeredAtTheEnd: boolean;
}

/** Does something while the gateway is asked all the time. */
async function whileAsking<Result>(work: () => Promise<Result>): Promise<Asked & { readonly result: Result }> {
  await run('rm -f asked; touch asking; (setsid sh asking.sh > /dev/null 2>&1 &)');
  const result = await work();
  const lines = (await run('sleep 1; rm asking; cat asked')).split('\n').map((line) => line.split(' '));
  const answers = lines.flatMap(([at, status]) => (status === '200' ? [Number(at)] : []));
  const gaps = answers.slice(1).map((at, index) => at - (answers[index] ?? at));
  return {
    result,
    answered: answers.length,
    secondsWithout: Math.max(0, ...gaps) / 1000,
    answeredAtTheEnd: lines.at(-1)?.[1] === '200',
  };
}

async function update(words: string): Promise<{ exitCode: number; text: string; seconds: number }> {
  const started = Date.now();
  const { exitCode, stdout } = await world.install(`update ${words}`, { timeoutMs: 300_000 });
  const seconds = (Date.now() - started) / 1000;
  console.log(`update ${words}: exit ${exitCode} in ${seconds.toFixed(1)} s`);
  return { exitCode, text: stdout.replace(/\s+/g, ' '), seconds };
}

const runningImage = async () => await run("docker container inspect -f '{{.Config.Image}}' litellm");
const images = async () => await run(`docker images --format '{{.Repository}}:{{.Tag}}' | grep -v hello | sort`);
const savedImage = async () => await run("sed -n 's/^  image: //p' ~/.config/claude-routing/answers.yaml");
/** Without those of a trial and of proofs, which are marked. */
const newest = DOWNLOAD_VERSIONS.claude;
const requestsLogged = async () =>
  Number(await run(`cat ~/.local/state/claude-routing/requests/* | grep -vcE '"launcher":"(drill|proof)"'; true`));

describe('a good image', () => {
  it('is tried beside the old one, takes its place, and the old one is kept', async () => {
    const logged = await requestsLogged();
    const asked = await whileAsking(async () => await update('gateway --yes'));
    console.log(`without service for ${asked.secondsWithout.toFixed(1)} s; ${asked.answered} answered meanwhile`);
    expect(asked.result, asked.result.text).toMatchObject({ exitCode: 0 });
    expect(asked.result.text).toMatch(/signature: not checked: cosign is not installed/);
    expect(asked.answered).toBeGreaterThan(30);
    expect(asked.answeredAtTheEnd).toBe(true);
    expect(asked.secondsWithout).toBeLessThan(150);
    expect(await runningImage()).toContain(`:${LITELLM_TAG}@sha256:`);
    expect(await images()).toMatch(/^claude-routing\/previous-gateway:kept/);
    expect(await savedImage()).toBe('');
    // What was asked here and the proofs that are not marked; of the trial's own requests nothing.
    expect((await requestsLogged()) - logged - asked.answered).toBeLessThan(12);
  });

  it('leaves nothing to do, for update and for install', async () => {
    expect(await update('gateway --yes')).toMatchObject({
      exitCode: 0,
      text: expect.stringMatching(/Nothing to do\. $/) as string,
    });
    expect(await run(`${PROGRAM} plan`)).toMatch(/Nothing to do/);
  });
});

describe('an image that does not do', () => {
  it.each([
    ['cannot start', BROKEN_LITELLM_TAG, /does not start: .*this release cannot start/, 10],
    [
      'works beside another and not in its place',
      TWO_FACED_LITELLM_TAG,
      /passed its trial but failed in live use: .*cannot take a place/,
      150,
    ],
  ] as const)('%s: the one before serves again', async (_what, tag, words, longest) => {
    const before = [await runningImage(), await images(), await savedImage()];
    const asked = await whileAsking(async () => await update(`gateway --yes --image ${repository}:${tag}`));
    console.log(`without service for ${asked.secondsWithout.toFixed(1)} s`);
    expect(asked.result.exitCode).toBe(1);
    expect(asked.result.text).toMatch(words);
    expect(asked.result.text).toContain(`gateway not updated; in use: ${LITELLM_TAG}`);
    expect(asked.answeredAtTheEnd).toBe(true);
    expect(asked.secondsWithout).toBeLessThan(longest);
    expect([await runningImage(), await images(), await savedImage()]).toEqual(before);
    expect(await run(`${PROGRAM} plan`)).toMatch(/Nothing to do/);
    expect(await run('docker ps -aq | wc -l; ls -d ~/.local/state/claude-routing/drill 2>/dev/null; true')).toBe('1');
  });
});

describe('Claude Code', () => {
  const version = async () => await run('~/.local/bin/claude --version');

  it('moves from an older release to the newest of its channel, and is proven', async () => {
    await run(
      'cd ~/.local/share/claude/versions && printf "#!/bin/sh\\necho 2.1.329\\n" > 2.1.329 && chmod +x 2.1.329 && ln -sfn $PWD/2.1.329 ~/.local/bin/claude && rm ' +
        newest,
    );
    const { exitCode, text } = await update('claude-code --yes');
    expect(exitCode, text).toBe(0);
    expect(text).toMatch(/claude-routed -p: claude-sonnet-5-5 answered/);
    expect(await version()).toContain(newest);
  });

  it('passes a refused release over', async () => {
    world.downloads.settings.stable = DOWNLOAD_VERSIONS.refusedClaude;
    await run(
      'cd ~/.local/share/claude/versions && printf "#!/bin/sh\\necho 2.1.274\\n" > 2.1.274 && chmod +x 2.1.274 && ln -sfn $PWD/2.1.274 ~/.local/bin/claude',
    );
    const { exitCode, text } = await update('claude-code --yes');
    await run(`ln -sfn ~/.local/share/claude/versions/${newest} ~/.local/bin/claude`);
    world.downloads.reset();
    expect(exitCode).toBe(0);
    expect(text).toMatch(/2\.1\.275 is skipped, because it sends/);
  });

  it('comes back when the newest does not answer', async () => {
    world.downloads.settings.stable = MUTE_CLAUDE;
    const { exitCode, text } = await update('claude-code --yes');
    world.downloads.reset();
    expect(exitCode).toBe(1);
    expect(text).toMatch(/claude-local did not answer/);
    expect(text.replaceAll(newest, 'NEWEST')).toMatch(/Going back to Claude Code NEWEST.*in use: NEWEST/);
    expect(await version()).toContain(newest);
  });
});

describe('the rest', () => {
  it('mise and its tools move within what was asked for', async () => {
    world.downloads.settings.node = '22.24.0';
    await run(
      'mv ~/.local/bin/mise ~/mise.real && printf "#!/bin/sh\\n[ \\"\\$1\\" = --version ] && echo 2026.9.1 linux-x64 && exit\\nexec ~/mise.real \\"\\$@\\"\\n" > ~/.local/bin/mise && chmod +x ~/.local/bin/mise',
    );
    const { exitCode, text } = await update('mise --yes');
    expect(exitCode, text).toBe(0);
    expect(text).toMatch(/mise 2026\.9\.1, node 22\.23\.3, newest 2026\.9\.15, node 22\.24\.0: upgrade mise, node/);
    expect(await run('~/.local/bin/mise --version; ~/.local/bin/mise ls --global')).toMatch(
      /^2026\.9\.15[\s\S]*22\.24\.0/,
    );
    expect(await update('mise --yes')).toMatchObject({
      exitCode: 0,
      text: expect.stringMatching(/Nothing to do\. $/) as string,
    });
  });
});

describe('an update that is cut off in the middle of the change', () => {
  /** Begins to move to the other one of the two real releases; returns when the change is under way. */
  async function begun(): Promise<{ readonly before: string; readonly ended: ReturnType<typeof update> }> {
    const before = await runningImage();
    const other = before.includes(`:${LITELLM_TAG}@`) ? OLDER_LITELLM_TAG : LITELLM_TAG;
    const ended = update(`gateway --yes --image ${repository}:${other}`);
    const changing =
      'tail -1 ~/.local/state/claude-routing/journal.jsonl | grep -q "compose.*project-name claude-routing .* up --detach"';
    await until('the change', async () => (await world.machine.ssh(changing)).exitCode === 0, 300_000, 200);
    return { before, ended };
  }

  const signal = async (name: string) =>
    await run(`kill -${name} $(cut -d ' ' -f 1 ~/.local/state/claude-routing/lock)`);

  besideTheGate('by kill -9 leaves answers that name the one before, and the next install brings it', async () => {
    const { before, ended } = await begun();
    await signal('KILL');
    // What ssh says of a program that was killed.
    expect((await ended).exitCode).toBe(255);
    expect(await savedImage()).toBe(before);
    // The engine's client goes on with what it was told, and gives the one before ten seconds to stop.
    const compose = "cat /proc/[0-9]*/cmdline 2> /dev/null | tr '\\0' ' ' | grep -q '[c]ompose [^|]* up'";
    const atWork = async () => (await world.machine.ssh(compose)).exitCode === 0;
    await until('the change to be through', async () => !(await atWork()), 60_000, 500);
    const next = await world.install('--yes');
    expect(next, next.stdout).toMatchObject({ exitCode: 0 });
    expect(await runningImage()).toBe(before);
    expect(await run("claude-local -p 'say hi'")).toMatch(/on LM Studio/);
  });

  it('by a request to stop goes back to the one before, and ends with 143', async () => {
    const { before, ended } = await begun();
    await signal('TERM');
    const { exitCode, text } = await ended;
    expect(exitCode).toBe(143);
    expect(text).toMatch(/Going back to .*stopped, as you asked; in use: v1\.108\.1/);
    expect(await runningImage()).toBe(before);
    expect(await run(`${PROGRAM} plan`)).toMatch(/Nothing to do/);
  });
});
