import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { folderTree } from '../machine/paper/folder-tree.ts';
import { runInstaller } from '../machine/paper/installer.ts';
import { paperLmStudio } from '../machine/paper/outside-world.ts';
import type { PaperMachine } from '../machine/paper/paper-machine.ts';
import { type ListedModel, usualModels } from '../machine/stand-ins/lm-studio-models.ts';
import { closedAddress } from '../machine/stand-ins/stand-in.ts';
import {
  foreignDockerKey,
  freeSpace,
  inPlaceOf,
  link,
  lmStudioInPlace,
  put,
  rootfulEngine,
  sshPeer,
} from './accidents.ts';
import { answersPath, mutatingLines, sharedMachine, toldProblems } from './paper.ts';

/** One wrong thing that a person or a script may do, and what they are told. */
interface Row {
  readonly name: string;
  /** Default: install --yes --answers ~/answers.yaml */
  readonly words?: readonly string[];
  /** Behind the default words. */
  readonly set?: readonly string[];
  /** In the place of the good answers file. */
  readonly answers?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Puts something in the way; gives back how to take it out again. */
  readonly accident?: (machine: PaperMachine) => Promise<() => unknown> | (() => unknown);
  readonly exit: number;
  readonly says: RegExp;
  readonly fix: RegExp;
  /** More than one wrong thing at a time. */
  readonly problems?: number;
}

const canary = `CANARY${randomBytes(12).toString('hex')}`;
const good = (rest: string): string =>
  `version: 1\nlocalModel:\n  address: 192.168.1.20\n  model: qwen/qwen3.6-35b-a3b\n${rest}`;

const commandLines: readonly Row[] = [
  {
    name: 'a key on the command line',
    words: ['install', `--anthropic-key=${canary}`],
    exit: 64,
    says: /Unknown option '--anthropic-key'/,
    fix: /--help/,
  },
  {
    name: 'answers check without a file',
    words: ['answers', 'check'],
    exit: 64,
    says: /answers check needs a file/,
    fix: /answers check answers\.yaml/,
  },
  {
    name: 'an unknown step in --only',
    set: ['--only', 'toolchian'],
    exit: 64,
    says: /no step toolchian; did you mean toolchain\?/,
    fix: /one of: secrets, /,
  },
  {
    name: 'nobody can confirm',
    words: [
      'install',
      '--set',
      'localModel.address=192.168.1.20',
      '--set',
      'localModel.model=qwen/qwen3.6-35b-a3b',
      '--set',
      'cloud={}',
    ],
    exit: 64,
    says: /nobody can confirm/,
    fix: /--yes/,
  },
  {
    name: 'nothing answered, and nobody to ask',
    words: ['install', '--yes'],
    exit: 65,
    says: /localModel\.address/,
    fix: /--set|answers/,
  },
  {
    name: 'prepare-host by somebody who is not root',
    words: ['prepare-host', '--yes'],
    exit: 69,
    says: /you are not root/,
    fix: /sudo .*prepare-host/,
  },
  {
    name: 'prepare-host with an impossible name',
    words: ['prepare-host', '--user', 'Claude Code'],
    exit: 64,
    says: /--user Claude Code: that cannot be the service user/,
    fix: /--user claude/,
  },
  {
    name: 'prepare-host with a key file that is not there',
    words: ['prepare-host', '--authorized-key', '/nowhere.pub'],
    exit: 64,
    says: /\/nowhere\.pub: there is no such file/,
    fix: /\.pub/,
  },
];

/** What is about an installation. */
const nothingInstalled: readonly Row[] = ['status', 'update --yes', 'use offline --yes', 'drill --yes'].map(
  (words) => ({
    name: words,
    words: words.split(' '),
    exit: 69,
    says: /nothing is installed for claude/,
    fix: /claude-routing-install/,
  }),
);

const answersFiles: readonly Row[] = [
  {
    name: 'a file that is not there',
    words: ['install', '--yes', '--answers', '/nowhere.yaml'],
    exit: 65,
    says: /no answers file \/nowhere\.yaml/,
    fix: /answers init/,
  },
  {
    name: 'a directory',
    words: ['install', '--yes', '--answers', '/etc'],
    exit: 65,
    says: /\/etc is a directory/,
    fix: /--answers FILE/,
  },
  {
    name: 'a file that cannot be read',
    words: ['install', '--yes', '--answers', '/etc/loop.yaml'],
    accident: ({ onDisk }) => link(onDisk('/etc/loop.yaml'), 'loop.yaml'),
    exit: 65,
    says: /\/etc\/loop\.yaml is not a plain file/,
    fix: /ls -l \/etc\/loop\.yaml/,
  },
  {
    name: 'two unknown keys',
    answers: good('cloud: {}\nfailovr: 1\ngatway: 2\n'),
    exit: 65,
    problems: 2,
    says: /line 6: failovr/,
    fix: /answers schema/,
  },
  {
    name: 'a wrong value in the environment',
    env: { CLAUDE_ROUTING_GATEWAY_PORT: 'four thousand' },
    exit: 65,
    says: /(?<!line \d+: )gateway\.port: must be a number/,
    fix: /gateway\.port/,
  },
];

/** A model of LM Studio's under another id; not loaded, so that nothing is known of it but its name. */
function renamed(key: string): ListedModel {
  const [usual] = usualModels();
  if (usual === undefined) throw new Error('the stand-in has no models');
  return { ...usual, key, loaded_instances: [] };
}

const odd: readonly Row[] = [
  {
    name: 'an alias in the environment',
    env: { CLAUDE_ROUTING_GATEWAY_PORT: '*port' },
    exit: 64,
    says: /CLAUDE_ROUTING_GATEWAY_PORT: the value is \*port names no anchor/,
    fix: /answers schema/,
  },
  {
    name: 'one model with a line break in its id',
    answers: 'version: 1\nlocalModel:\n  address: 192.168.1.20\ncloud: {}\n',
    accident: async (machine) => await lmStudioInPlace(machine, { models: [renamed('two\nlines')] }),
    exit: 65,
    says: /the id "two\\u000alines" that .* lists has a line break in it/,
    fix: /lms load --identifier/,
  },
  {
    name: 'ten thousand models',
    answers: 'version: 1\nlocalModel:\n  address: 192.168.1.20\ncloud: {}\n',
    accident: async (machine) =>
      await lmStudioInPlace(machine, {
        models: Array.from({ length: 10_000 }, (_, index) => renamed(`it's ${index}`)),
      }),
    exit: 65,
    says: /has 10000: it's 0, .* and 9,992 more/,
    fix: /--set 'localModel\.model=it'\\''s 0'/,
  },
];

const addresses: readonly Row[] = [
  {
    name: 'a key in its place',
    set: ['--set', `localModel.address=sk-${canary}`],
    exit: 65,
    says: /looks like a key/,
    fix: /localModel\.address/,
  },
  {
    name: 'this machine itself',
    set: ['--set', 'localModel.address=localhost', '--set', 'localModel.contextWindow=65536'],
    accident: async (machine) => inPlaceOf(machine, 'http://localhost:1234', await closedAddress()),
    exit: 69,
    says: /rootless container, and localhost/,
    fix: /listen on the local network/,
  },
];

const secrets: readonly Row[] = [
  {
    name: 'a dollar sign in the key',
    env: { ANTHROPIC_DIRECT_KEY: `sk-${canary}$HOME` },
    exit: 65,
    says: /ANTHROPIC_DIRECT_KEY has a dollar sign in it/,
    fix: /copy the key once more/,
  },
  {
    name: 'a key that the Claude API does not know',
    env: { ANTHROPIC_DIRECT_KEY: `sk-ant-api03-${canary}` },
    exit: 65,
    says: /Claude API does not know this key/,
    fix: /Copy all of it again/,
  },
  {
    name: 'the same with models that are named already',
    set: ['--set', 'cloud.anthropic.models.sonnet=claude-sonnet-5-5'],
    env: { ANTHROPIC_DIRECT_KEY: `sk-ant-api03-${canary}` },
    exit: 69,
    says: /Claude API does not know this key/,
    fix: /Copy all of it again/,
  },
];

const models: readonly Row[] = [
  {
    name: 'no model chosen where several are loaded',
    answers: 'version: 1\nlocalModel:\n  address: 192.168.1.20\ncloud: {}\n',
    exit: 65,
    says: /localModel\.model is not given, and .* has 2: /,
    fix: /--set localModel\.model=/,
  },
  {
    name: 'a local model that LM Studio does not have',
    set: ['--set', 'localModel.model=qwen/qwen9'],
    exit: 65,
    says: /qwen\/qwen9/,
    fix: /localModel\.model=/,
  },
  {
    name: 'a Claude model that the account does not have',
    set: ['--set', 'cloud.anthropic.models.sonnet=claude-sonnet-99'],
    exit: 69,
    says: /claude-sonnet-99/,
    fix: /./,
  },
  {
    name: 'a foreground model that the gateway will not have',
    set: ['--set', 'cloud.main=claude-sonnet-99'],
    exit: 65,
    says: /foreground model claude-sonnet-99 does not exist/,
    fix: /set cloud\.main to one of: /,
  },
];

const gateways: readonly Row[] = [
  {
    name: 'an image that can change under its name',
    set: ['--set', 'gateway.image=ghcr.io/berriai/litellm:main-latest'],
    exit: 69,
    says: /main-latest is not a released version/,
    fix: /use ghcr\.io\/berriai\/litellm:v/,
  },
];

const inTheWay: readonly Row[] = [
  {
    name: 'a directory where a launcher belongs',
    accident: ({ layout }) => put(`${layout.launchers['claude-local']}/x`, ''),
    exit: 69,
    says: /bin\/claude-local is a directory/,
    fix: /mv .*claude-local/,
  },
  {
    name: 'an engine of root with containers in it',
    accident: rootfulEngine,
    exit: 69,
    says: /rootful Docker engine runs 2 containers, and switching it off would stop them/,
    fix: /docker\.keepRootful=true/,
  },
  {
    name: 'a time zone that there is none of',
    set: ['--set', 'system.timezone=Europe/Atlantis'],
    exit: 69,
    says: /no time zone called Europe\/Atlantis/,
    fix: /list-timezones/,
  },
  {
    name: 'too little space',
    accident: (machine) => freeSpace(machine, 3),
    exit: 69,
    says: /only 3 GB are free/,
    fix: /du -xh/,
  },
  {
    name: 'a firewall that would lock the person out',
    set: ['--set', 'system.firewall=true'],
    accident: (machine) => sshPeer(machine, '203.0.113.9:50000'),
    exit: 69,
    says: /lock out who is connected now: 203\.0\.113\.9/,
    fix: /system\.firewall=false/,
  },
  {
    name: 'a firewall beside ufw',
    set: ['--set', 'system.firewall=true'],
    accident: (machine) => put(machine.onDisk('/etc/ufw/ufw.conf'), '# on\nENABLED=yes\n'),
    exit: 69,
    says: /ufw is in use/,
    fix: /sudo ufw disable/,
  },
  {
    name: 'a firewall beside firewalld',
    set: ['--set', 'system.firewall=true'],
    accident: ({ state }) => {
      state.units.system['firewalld.service'] = { active: true, enabled: true };
      return () => delete state.units.system['firewalld.service'];
    },
    exit: 69,
    says: /firewalld is in use/,
    fix: /sudo systemctl disable --now firewalld/,
  },
];

const servers: readonly Row[] = [
  {
    name: 'LM Studio down, and no model named',
    answers: 'version: 1\nlocalModel:\n  address: 192.168.1.20\ncloud: {}\n',
    accident: async (machine) => inPlaceOf(machine, paperLmStudio, await closedAddress()),
    exit: 65,
    says: /192\.168\.1\.20 is there, but nothing listens on its port 1234/,
    fix: /Serve on Local Network/,
  },
  {
    name: 'another port than that of LM Studio',
    answers: 'version: 1\nlocalModel:\n  address: 192.168.1.20:8080\ncloud: {}\n',
    exit: 65,
    says: /nothing listens on its port 8080\. LM Studio answers on port 1234 of the same machine/,
    fix: /claude-routing-install --set localModel\.address=http:\/\/192\.168\.1\.20:1234/,
  },
  {
    name: 'an LM Studio that wants a token',
    answers: 'version: 1\nlocalModel:\n  address: 192.168.1.20\ncloud: {}\n',
    accident: async (machine) => await lmStudioInPlace(machine, { tokens: [`sk-lm-${canary}`] }),
    exit: 65,
    says: /wants an API token/,
    fix: /Manage Tokens/,
  },
  {
    name: 'a window that Claude Code does not fit into',
    accident: async (machine) => await lmStudioInPlace(machine, { contextLength: 8192 }),
    exit: 69,
    says: /8,192 tokens are loaded/,
    fix: /65,536/,
  },
  {
    name: 'a Claude API that cannot be reached',
    accident: async (machine) => inPlaceOf(machine, 'https://api.anthropic.com', await closedAddress()),
    exit: 65,
    says: /connection to api\.anthropic\.com was refused/,
    fix: /port 443/,
  },
  {
    name: 'a stranger in the place of the Docker repository',
    accident: (machine) => foreignDockerKey(machine),
    exit: 69,
    says: /has the fingerprint 0{40}, not 9DC8/,
    fix: /do not go on/,
  },
];

describe('on a fresh machine', () => {
  let machine: PaperMachine;
  beforeAll(async () => {
    machine = await sharedMachine();
  });
  const rows = {
    commandLines,
    nothingInstalled,
    answersFiles,
    odd,
    addresses,
    secrets,
    models,
    gateways,
    inTheWay,
    servers,
  };
  describe.each(Object.entries(rows))('%s', (_, group) => {
    it.each(group)('$name', async (row) => await checkRow(machine, row));
  });
});

/** The exit code, one clear message with its fix, no key in it, and nothing changed. */
async function checkRow(machine: PaperMachine, row: Row): Promise<void> {
  const undo: (() => unknown)[] = [];
  if (row.answers !== undefined) undo.push(put(answersPath(machine), row.answers));
  if (row.accident !== undefined) undo.push(await row.accident(machine));
  try {
    machine.log.forget();
    const before = folderTree(machine.folder);
    const words = row.words ?? ['install', '--yes', '--answers', answersPath(machine), ...(row.set ?? [])];
    const run = await runInstaller(machine, words, row.env === undefined ? {} : { env: row.env });
    expect(run.exitCode, run.output).toBe(row.exit);
    const problems = toldProblems(run.output);
    expect(problems, run.output).toHaveLength(row.problems ?? 1);
    expect(problems[0]?.problem).toMatch(row.says);
    expect(problems[0]?.fix).toMatch(row.fix);
    expect(run.output).not.toContain(canary);
    expect(run.output).not.toMatch(/a fault in this program|\n {4}at /);
    expect(mutatingLines(machine)).toEqual([]);
    expect(folderTree(machine.folder)).toEqual(before);
  } finally {
    for (const step of undo.reverse()) await step();
  }
}
