import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Fleet, type Played, play } from './ansible.ts';
import { WATCH_ARGUMENTS } from './installed-world.ts';
import { INSIDE } from './lab/wire.ts';
import { builtProgram } from './paper/installer.ts';
import { DOWNLOADS, expectEachAsAnswered, type Name, names, openTwoBoxes, type TwoBoxes, users } from './two-boxes.ts';
import { answersFor } from './world.ts';

let boxes: TwoBoxes;
let worlds: TwoBoxes['worlds'];
let onHost: TwoBoxes['asRoot'];
let fleet: Fleet;

beforeAll(async () => {
  boxes = await openTwoBoxes();
  ({ worlds, asRoot: onHost } = boxes);
  const program = await readFile(await builtProgram());
  worlds['box-1'].lab.sites.serve(DOWNLOADS, (_request, response) => void response.end(program));
  // What every image of Debian for servers and clouds has, and the lab's has not.
  for (const name of names) await onHost(name, 'apt-get -q update && apt-get -qy install python3 python3-apt');
  fleet = await fleetOf(worlds, program);
});

afterAll(async () => {
  await boxes?.close();
});

async function fleetOf({ 'box-1': first, 'box-2': second }: typeof worlds, program: Buffer): Promise<Fleet> {
  const { docker, claudeCode, toolchain } = answersFor(first.lab, '/nowhere') as Record<string, object>;
  return {
    variables: {
      claude_routing_sha256: createHash('sha256').update(program).digest('hex'),
      claude_routing_answers_common: { failover: { allowed: true }, docker, claudeCode, toolchain },
    },
    machines: {
      'box-1': {
        machine: first.machine,
        variables: {
          claude_routing_program: `https://${DOWNLOADS}/claude-routing-install.mjs`,
          claude_routing_answers: {
            localModel: { address: INSIDE.lmStudio, model: 'qwen/qwen3.6-35b-a3b' },
            cloud: { anthropic: { key: 'file:{{ claude_routing_key_dir }}/anthropic' } },
          },
          claude_routing_keys: { anthropic: first.keys.anthropic },
        },
      },
      'box-2': {
        machine: second.machine,
        variables: {
          claude_routing_program: await builtProgram(),
          claude_routing_user: users['box-2'],
          claude_routing_authorized_key: `ssh-ed25519 ${Buffer.from('somebody').toString('base64')} somebody@desk`,
          claude_routing_answers: {
            localModel: { address: INSIDE.lmStudio, model: 'qwen/qwen3.6-35b-a3b' },
            cloud: {
              foundry: {
                resource: 'myfoundry',
                key: 'file:{{ claude_routing_key_dir }}/foundry',
                deployments: { sonnet: 'claude-sonnet-4-6', haiku: 'claude-haiku-4-5' },
              },
            },
            routing: { profile: 'local-first' },
            gateway: { port: 4100 },
          },
          claude_routing_keys: { foundry: second.keys.foundry },
        },
      },
    },
  };
}

async function played(words: readonly string[] = [], what: Fleet = fleet): Promise<Played> {
  const started = Date.now();
  const done = await play(what, words);
  console.log(`${words.join(' ') || 'a converge'}: ${((Date.now() - started) / 1000).toFixed(1)} s\n${done.output}`);
  const secrets = names.flatMap((name) => Object.values(worlds[name].keys));
  expect(secrets.filter((secret) => done.output.includes(secret))).toEqual([]);
  return done;
}

const changedBy = ({ recap }: Played) => names.map((name) => recap[name]?.changed);

/** Whatever a role could change, with times, modes and sizes; Ansible's own folder for what it hands over is left out. */
const traces = async (name: Name) =>
  await onHost(
    name,
    "find /home /etc /usr/local /var/lib/dpkg /var/lib/systemd/linger -path '*/.ansible*' -prune -o -printf '%p %T@ %s %m\\n' | sort",
  );

describe('the Ansible role, on two bare machines with different answers', () => {
  it('shows with --check what it would do before anything is there, and changes nothing', async () => {
    const before = await Promise.all(names.map(traces));
    expect(await played(['--check', '--diff'])).toMatchObject({ exitCode: 0 });
    expect(await Promise.all(names.map(traces))).toEqual(before);
  });

  it('installs both in one run, with no key in any output or argument list', async () => {
    await worlds['box-1'].machine.onHost('cat > /root/canaries', { input: `${worlds['box-1'].keys.anthropic}\n` });
    const watching = worlds['box-1'].machine.ssh('perl -', { timeoutMs: 1_200_000, input: WATCH_ARGUMENTS });
    const done = await played(['-vvv']);
    await onHost('box-1', 'touch /root/watched');
    expect(done).toMatchObject({ exitCode: 0 });
    expect((await watching).stdout.trim()).toBe('sought: 2');
    await expectEachAsAnswered(boxes);
  });

  it('leaves no way to root behind, and the keys to their account alone', async () => {
    for (const name of names) {
      expect(await onHost(name, `runuser -u ${users[name]} -- sudo -n true 2>&1 || echo refused`)).toMatch(/refused$/);
      expect(await onHost(name, "stat -c '%U %a' /etc/claude-routing-install/keys{,/*} | sort -u")).toBe(
        `${users[name]} 600\n${users[name]} 700`,
      );
    }
    expect(await onHost('box-2', 'cat ~coder/.ssh/authorized_keys')).toMatch(/somebody@desk$/);
  });

  it('changes nothing the second time, on either', async () => {
    const before = await Promise.all(names.map(traces));
    const again = await played();
    expect(again).toMatchObject({ exitCode: 0 });
    expect(changedBy(again)).toEqual([0, 0]);
    expect(await Promise.all(names.map(traces))).toEqual(before);
    expect(changedBy(await played(['--check']))).toEqual([0, 0]);
  });

  it('shows with --check what another answer would change, on that host alone, and then does it', async () => {
    const other = { claude_routing_answers_common: { ...commonOf(fleet), failover: { allowed: 'background' } } };
    const changed: Fleet = {
      ...fleet,
      machines: {
        ...fleet.machines,
        'box-1': { machine: worlds['box-1'].machine, variables: { ...fleet.machines['box-1']?.variables, ...other } },
      },
    };
    const before = await Promise.all(names.map(traces));
    const shown = await played(['--check'], changed);
    expect(shown).toMatchObject({ exitCode: 0 });
    expect(shown.output).toMatch(/"your answers"[\s\S]*"claude-local"/);
    expect(shown.recap['box-1']?.changed).toBeGreaterThan(0);
    expect(shown.recap['box-2']?.changed).toBe(0);
    expect(await Promise.all(names.map(traces))).toEqual(before);
    expect(await played([], changed)).toMatchObject({ exitCode: 0 });
    expect(changedBy(await played([], changed))).toEqual([0, 0]);
  });

  it('refuses a file that is not the one whose checksum was given', async () => {
    const wrong = { ...fleet, variables: { ...fleet.variables, claude_routing_sha256: '0'.repeat(64) } };
    const refused = await played([], wrong);
    expect(refused.exitCode).not.toBe(0);
    expect(names.map((name) => refused.recap[name]?.failed)).toEqual([1, 1]);
    expect(changedBy(refused)).toEqual([0, 0]);
  });
});

const commonOf = ({ variables }: Fleet) =>
  (variables as { readonly claude_routing_answers_common: object }).claude_routing_answers_common;
