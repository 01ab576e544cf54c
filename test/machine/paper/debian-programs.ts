import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { rootOnly } from './apt-programs.ts';
import type { MachineState } from './machine-state.ts';
import { type Action, type Call, changes, failed, looks, type Program, said, wordsOf } from './program.ts';

/** `gpg --show-keys`: the paper keys carry their fingerprint in a line of their own. */
const gpg: Program = (call) => {
  if (!['--batch', '--no-options', '--show-keys', '--with-colons'].every((word) => call.args.includes(word)))
    return undefined;
  const fingerprint = /^Fingerprint: ([0-9A-F]{40})$/m.exec(call.input)?.[1];
  if (fingerprint === undefined) return looks(() => failed('gpg: no valid OpenPGP data found.', 2));
  const row = `pub:-:4096:1:${fingerprint.slice(-16)}:1487788586:::-:::escaESCA::::::23::0:\nfpr:::::::::${fingerprint}:\nuid:-::::1487792064::0::Paper key:\n`;
  return looks(() => said(row));
};

const uname: Program = (call, { state }) => {
  if (wordsOf(call) === '-r') return looks(() => said('6.12.0-paper'));
  return wordsOf(call) === '-m' ? looks(() => said(state.architecture)) : undefined;
};

const df: Program = ({ args }, { state }) => {
  if (args[0] === '--output=avail' && args[1] === '-BG') return looks(() => said(` Avail\n ${state.freeGigabytes}G`));
  if (args[0] !== '--output=avail,itotal,iavail,target' || args[1] !== '-BM') return undefined;
  const rows = args.slice(2).map(() => `${state.freeGigabytes * 1024}M 0 0 /`);
  return looks(() => said(['Avail Inodes IFree Mounted on', ...rows].join('\n')));
};

const aptCache: Program = ({ args: [verb, ...names] }, { state }) =>
  verb === 'policy'
    ? looks(() =>
        said(names.map((name) => `${name}:\n  Candidate: ${state.known.has(name) ? '1' : '(none)'}`).join('\n')),
      )
    : undefined;

/** Nobody listens in a paper machine but its gateway, which is told of elsewhere. */
const listening = /^-Hltnp sport = :\d+$/;

const ss: Program = (call, { state }) => {
  if (listening.test(wordsOf(call))) return looks(() => said());
  return connections(call, state);
};

/** Connections of people who are logged in; nobody is connected to anything else. */
const connections = (call: Call, state: MachineState): Action | undefined => {
  if (wordsOf(call) === '-Htln') return looks(() => said('LISTEN 0      128    0.0.0.0:2222      0.0.0.0:*'));
  const found = /^-Htn state established(?: \( sport = :\d+ \))?$/.exec(wordsOf(call));
  if (found === null) return undefined;
  const peers = wordsOf(call).endsWith(')') ? [] : state.sshPeers;
  return looks(() => said(peers.map((peer) => `0      0      192.168.1.10:2222      ${peer}`).join('\n')));
};

const id: Program = ({ args }, { state }) => {
  const [option, user = ''] = args;
  const found = state.accounts[user];
  if (found === undefined) return looks(() => failed(`id: ‘${user}’: no such user`));
  if (option === '-u') return looks(() => said(String(found.uid)));
  return option === '-nG' ? looks(() => said(found.groups.join(' '))) : undefined;
};

/** Accounts with bash as their shell, and addresses, which are their own names. */
const getent: Program = ({ args }, { state }) => {
  const [database, user = ''] = args;
  if (database === 'ahosts' && /^[\d.]+$/.test(user)) return looks(() => said(`${user} STREAM ${user}`));
  const found = state.accounts[user];
  if (database !== 'passwd') return undefined;
  return looks(() =>
    found === undefined ? failed('', 2) : said(`${user}:x:${found.uid}:${found.uid}::/home/${user}:/bin/bash`),
  );
};

/** Everybody is in the machine's own network, and none of their cards has been seen. */
const ip: Program = ({ args }) => {
  const [format, what, verb, address] = args;
  if (format !== '-json') return undefined;
  if (what === 'route' && verb === 'get') return looks(() => said(JSON.stringify([{ dst: address, dev: 'eth0' }])));
  return what === 'neighbour' && verb === 'show' ? looks(() => said('[]')) : undefined;
};

/** No engine but the account's own runs here. */
const pgrep: Program = ({ args }) => (args.join(' ') === '--exact dockerd' ? looks(() => failed('', 1)) : undefined);

/** A bash in a session of its own, asked for a launcher: our block brings it, by ~/.bashrc. */
const setsid: Program = (call, { account, onDisk }) => {
  // The look for a newer release, which a process of its own goes on with: here nobody ever answers it.
  if (call.args[0] === '--fork' && call.args.at(-1)?.endsWith('/newest-release') === true) return looks(() => said());
  const asked = `${call.args.join(' ')}\n${call.input}`;
  if (call.args[0] !== '-w' || call.args[1] !== '/bin/bash' || !asked.includes('/usr/bin/which claude-local'))
    return undefined;
  return looks(() => {
    const { home } = account;
    const bashrc = onDisk(`${home}/.bashrc`);
    const hasBlock = existsSync(bashrc) && readFileSync(bashrc, 'utf8').includes('claude-routing/shell.bash');
    const launcher = `${home}/.local/bin/claude-local`;
    return hasBlock && existsSync(onDisk(launcher)) ? said(launcher) : failed('', 1);
  });
};

const timedatectl: Program = (call, { state }) => {
  if (wordsOf(call) === 'show -p Timezone --value') return looks(() => said(state.timezone));
  if (wordsOf(call) === 'show -p NTPSynchronized -p CanNTP')
    return looks(() => said('NTPSynchronized=yes\nCanNTP=yes'));
  const [verb, zone] = call.args;
  if (verb !== 'set-timezone' || zone === undefined) return undefined;
  return changes(() =>
    rootOnly(call, () => {
      state.timezone = zone;
      return said();
    }),
  );
};

const chmod: Program = ({ args }, { onDisk }) => {
  const [mode = '', path = ''] = args;
  if (!/^[0-7]{3,4}$/.test(mode) || !path.startsWith('/')) return undefined;
  return changes(() => {
    chmodSync(onDisk(path), Number.parseInt(mode, 8));
    return said();
  });
};

const nft: Program = (call, { onDisk }) => {
  const [option, path = ''] = call.args.filter((word) => word !== '-c');
  if (option !== '-f') return undefined;
  if (path === '-') return changes(() => rootOnly(call, () => said()));
  return changes(() =>
    rootOnly(call, () => (existsSync(onDisk(path)) ? said() : failed(`${path}: No such file or directory`))),
  );
};

const modprobe: Program = (call): Action => changes(() => rootOnly(call, () => said()));

export const debianPrograms = {
  gpg,
  uname,
  df,
  pgrep,
  'apt-cache': aptCache,
  ss,
  getent,
  ip,
  id,
  setsid,
  timedatectl,
  chmod,
  nft,
  modprobe,
} as const satisfies Record<string, Program>;
