import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { INSIDE } from './lab/wire.ts';
import { builtProgram } from './paper/installer.ts';
import {
  DOWNLOADS,
  expectEachAsAnswered,
  type Name,
  names,
  openTwoBoxes,
  statusOf,
  type TwoBoxes,
  users,
} from './two-boxes.ts';
import { answersFor, gatewayAnswers } from './world.ts';

const EXAMPLE = fileURLToPath(new URL('../../examples/cloud-init/user-data.yaml', import.meta.url));
const FOLDER = '/etc/claude-routing-install';
/**
 * What an image for clouds has set, and what would take the lab's own archive and host keys away. The list stands on one
 * line of its own, since ds-identify reads it with a shell.
 */
const IMAGE_SETTINGS = `datasource_list: [NoCloud, None]
network: { config: disabled }
apt: { preserve_sources_list: true }
ssh_deletekeys: false
disable_root: false
locale: false
growpart: { mode: 'off' }
resize_rootfs: false
`;

interface WrittenFile {
  readonly path: string;
  readonly content: string;
}

interface UserData {
  readonly write_files: readonly WrittenFile[];
}

let boxes: TwoBoxes;
let worlds: TwoBoxes['worlds'];
let run: TwoBoxes['asRoot'];

beforeAll(async () => {
  boxes = await openTwoBoxes();
  ({ worlds, asRoot: run } = boxes);
  const program = await readFile(await builtProgram());
  for (const name of names) {
    worlds[name].lab.sites.serve(DOWNLOADS, (_request, response) => void response.end(program));
    await run(name, 'apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -qy install cloud-init');
    await put(name, '/etc/cloud/cloud.cfg.d/99-image.cfg', IMAGE_SETTINGS);
    await put(name, '/root/user-data.yaml', await readFile(EXAMPLE, 'utf8'));
    await put(name, '/var/lib/cloud/seed/nocloud/meta-data', JSON.stringify({ 'instance-id': `i-${name}` }));
    await put(name, '/var/lib/cloud/seed/nocloud/user-data', await userDataFor(name, program));
  }
});

afterAll(async () => {
  await boxes?.close();
});

async function put(name: Name, path: string, text: string): Promise<void> {
  await run(name, `umask 077; mkdir -p "$(dirname ${path})" && cat > ${path}`, text);
}

/** The example with the contents of its files filled in. */
async function userDataFor(name: Name, program: Buffer): Promise<string> {
  const example = parse(await readFile(EXAMPLE, 'utf8')) as UserData;
  const { lab, keys } = worlds[name];
  const { docker, claudeCode, toolchain } = answersFor(lab, '/nowhere') as Record<string, object>;
  const cloud = {
    'box-1': { anthropic: { key: `file:${FOLDER}/keys/anthropic` } },
    'box-2': {
      foundry: {
        resource: 'myfoundry',
        key: `file:${FOLDER}/keys/anthropic`,
        deployments: { sonnet: 'claude-sonnet-4-6', haiku: 'claude-haiku-4-5' },
      },
    },
  }[name];
  const others = name === 'box-1' ? {} : { routing: { profile: 'local-first' }, gateway: { port: 4100 } };
  const localModel = { address: INSIDE.lmStudio, model: 'qwen/qwen3.6-35b-a3b' };
  const failover = { allowed: true };
  const filled: Readonly<Record<string, string>> = {
    [`${FOLDER}/release.env`]: [
      `PROGRAM=https://${DOWNLOADS}/claude-routing-install.mjs`,
      `SHA256=${createHash('sha256').update(program).digest('hex')}`,
      `SERVICE_USER=${users[name]}\n`,
    ].join('\n'),
    [`${FOLDER}/answers.yaml`]: JSON.stringify({
      localModel,
      failover,
      docker,
      claudeCode,
      toolchain,
      cloud,
      ...others,
    }),
    [`${FOLDER}/keys/anthropic`]: `${name === 'box-1' ? keys.anthropic : keys.foundry}\n`,
  };
  const files = example.write_files.map((file) => ({ ...file, content: filled[file.path] ?? file.content }));
  return `#cloud-config\n${JSON.stringify({ ...example, write_files: files })}\n`;
}

/** Whatever a second run could change, with times, modes and sizes. */
const traces = async (name: Name) =>
  await run(
    name,
    `find /home /etc /usr/local /var/lib/dpkg -path '*/.local/share/docker' -prune -o -printf '%p %T@ %s %m\\n' | sort`,
  );

it('is valid user data as it is shipped', async () => {
  expect(await run('box-1', 'cloud-init schema --config-file /root/user-data.yaml 2>&1')).toMatch(/Valid schema/);
});

it('sets two bare machines up at their first boot, each with its own answers', async () => {
  const started = Date.now();
  const ends = await Promise.all(
    names.map(async (name) => {
      await worlds[name].machine.poweroff();
      await worlds[name].machine.boot();
      const ended = await worlds[name].machine.onHost('cloud-init status --wait --long', { timeoutMs: 1_200_000 });
      console.log(`${name}: ${((Date.now() - started) / 1000).toFixed(0)} s\n${ended.stdout}${ended.stderr}`);
      console.log(await run(name, 'cat /var/log/cloud-init-output.log'));
      return ended;
    }),
  );
  for (const ended of ends) expect(ended, ended.stdout).toMatchObject({ exitCode: 0 });
  await expectEachAsAnswered(boxes);
});

it('tells no key in its logs, closes the keys, and leaves no way to root behind', async () => {
  for (const name of names) {
    await run(name, 'cat > /root/canaries', `${Object.values(worlds[name].keys).join('\n')}\n`);
    expect(await run(name, 'grep -rlFf /root/canaries /var/log; true')).toBe('');
    const copies = 'find /run/cloud-init /var/lib/cloud -type f -perm /077 -exec grep -lFf /root/canaries {} +; true';
    expect(await run(name, copies)).toBe('');
    expect(await run(name, 'journalctl --no-pager -q | grep -cFf /root/canaries; true')).toBe('0');
    expect(await run(name, `stat -c '%U %a' ${FOLDER}/keys ${FOLDER}/keys/anthropic`)).toBe(
      `${users[name]} 700\n${users[name]} 600`,
    );
    expect(await run(name, `runuser -u ${users[name]} -- sudo -n true 2>&1 || echo refused`)).toMatch(/refused$/);
  }
});

it('changes nothing when it is typed again', async () => {
  for (const name of names) {
    const before = await traces(name);
    expect(await run(name, 'claude-routing-converge')).toMatch(/is prepared[\s\S]*Nothing to do/);
    expect(await traces(name)).toBe(before);
  }
});

it('does what another answer says, and is not run again by the next boot', async () => {
  const answers = `${FOLDER}/answers.yaml`;
  await put(
    'box-1',
    answers,
    (await run('box-1', `cat ${answers}`)).replace('"allowed":true', '"allowed":"background"'),
  );
  expect(await run('box-1', 'claude-routing-converge')).toMatch(/Done: /);
  expect(await run('box-1', 'claude-routing-converge')).toMatch(/Nothing to do/);
  const log = await run('box-1', 'grep -c "Proven\\|Done: " /var/log/cloud-init-output.log');
  await worlds['box-1'].machine.poweroff();
  await worlds['box-1'].machine.boot();
  await gatewayAnswers(worlds['box-1'], 'root');
  expect(await run('box-1', 'cloud-init status --wait')).toMatch(/done/);
  expect(await run('box-1', 'grep -c "Proven\\|Done: " /var/log/cloud-init-output.log')).toBe(log);
  expect(await statusOf(boxes, 'box-1')).toMatchObject({ asWanted: true, routing: { failover: 'background' } });
});
