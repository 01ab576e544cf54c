import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { rootOnly } from './apt-programs.ts';
import {
  type Action,
  type Call,
  changes,
  failed,
  looks,
  type Machine,
  type Program,
  type Reply,
  said,
} from './program.ts';

/** How another program of the table is asked. */
export type Ask = (call: Call, machine: Machine) => Action | undefined;

/** sudo without a question (`-n`), and root's few tools behind it. */
export function sudoProgram(ask: Ask): Program {
  return (call, machine) => {
    const [option, ...words] = call.args;
    if (option !== '-n') return undefined;
    const refusal = refusalOf(machine);
    if (refusal !== undefined) return looks(() => refusal);
    if (words[0] === '-v' || words.join(' ') === 'env true') return looks(() => said());
    const { env, rest } = withSettings(words);
    const [file = '', ...args] = rest;
    return behindSudo(
      { ...call, program: basename(file), args, env: { ...env, PATH: '/usr/sbin:/usr/bin' }, asRoot: true },
      machine,
      ask,
    );
  };
}

function refusalOf({ state, account }: Machine): Reply | undefined {
  if (state.sudo === 'asks') return failed('sudo: a password is required');
  return state.sudo === 'denied' ? failed(`${account.user} is not in the sudoers file.`) : undefined;
}

/** `env NAME=value …` in front of the command. */
function withSettings(words: readonly string[]): {
  readonly env: Record<string, string>;
  readonly rest: readonly string[];
} {
  if (words[0] !== 'env') return { env: {}, rest: words };
  const end = words.findIndex((word, index) => index > 0 && !/^\w+=/.test(word));
  const pairs = words
    .slice(1, end)
    .map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]);
  return { env: Object.fromEntries(pairs), rest: words.slice(end) };
}

function behindSudo(call: Call, machine: Machine, ask: Ask): Action | undefined {
  switch (call.program) {
    case 'sh':
      return writeAsRoot(call, machine);
    case 'install':
      return makeDirectory(call, machine);
    case 'rm':
      return removeFile(call, machine) ?? ask(call, machine);
    default:
      return ask(call, machine);
  }
}

/** The one shell script that is ever given to root: a file is written beside its place and then moved there, links stay. */
function writeAsRoot({ args, input }: Call, { onDisk }: Machine): Action | undefined {
  const [option, script = '', , path = '', mode = '', mark = ''] = args;
  if (option !== '-c' || !script.includes('draft=$to.$3.new') || !path.startsWith('/')) return undefined;
  return changes(() => {
    const target = existsSync(onDisk(path)) ? realpathSync(onDisk(path)) : onDisk(path);
    const draft = `${target}.${mark}.new`;
    if (!existsSync(dirname(target))) return failed(`sh: 2: cannot create ${draft}: Directory nonexistent`, 2);
    writeFileSync(draft, input);
    chmodSync(draft, Number.parseInt(mode, 8));
    renameSync(draft, target);
    return said();
  });
}

function makeDirectory({ args }: Call, { onDisk }: Machine): Action | undefined {
  const [d, m, mode = '', path = ''] = args;
  if (d !== '-d' || m !== '-m' || !path.startsWith('/')) return undefined;
  return changes(() => {
    mkdirSync(onDisk(path), { recursive: true });
    chmodSync(onDisk(path), Number.parseInt(mode, 8));
    return said();
  });
}

function removeFile({ args }: Call, { onDisk }: Machine): Action | undefined {
  const [f, ...paths] = args;
  if (f !== '-f' || !paths.every((path) => path.startsWith('/'))) return undefined;
  return changes(() => {
    for (const path of paths) rmSync(onDisk(path), { force: true });
    return said();
  });
}

function basename(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1);
}

const usermod: Program = (call, { state, onDisk }) => {
  const [option, value = '', user = ''] = call.args;
  const range = /^(\d+)-(\d+)$/.exec(value);
  const kind = /^--add-(subuid|subgid)s$/.exec(option ?? '')?.[1];
  if (kind !== undefined && range !== null) {
    return changes(() =>
      rootOnly(call, () => {
        appendFileSync(onDisk(`/etc/${kind}`), `${user}:${range[1]}:${Number(range[2]) - Number(range[1]) + 1}\n`);
        return said();
      }),
    );
  }
  if (option !== '-aG') return undefined;
  return changes(() =>
    rootOnly(call, () => {
      state.accounts[user]?.groups.push(value);
      return state.accounts[user] === undefined ? failed(`usermod: user '${user}' does not exist`, 6) : said();
    }),
  );
};

const adduser: Program = (call, { state, onDisk }) => {
  const user = call.args.at(-1) ?? '';
  if (call.args[0] !== '--disabled-password') return undefined;
  return changes(() =>
    rootOnly(call, () => {
      state.accounts[user] = { uid: 1001 + Object.keys(state.accounts).length, groups: [user, 'users'] };
      mkdirSync(onDisk(`/home/${user}`), { recursive: true });
      return said(`Adding user '${user}' ...`);
    }),
  );
};

/** Only the one use there is: a line for authorized_keys, written as the account itself. */
const runuser: Program = (call, { onDisk }) => {
  const [option, user = '', dashes, shell] = call.args;
  if (option !== '-u' || dashes !== '--' || shell !== 'sh' || !call.input.includes(' ')) return undefined;
  return changes(() =>
    rootOnly(call, () => {
      const file = onDisk(`/home/${user}/.ssh/authorized_keys`);
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
      writeFileSync(file, before + call.input, { mode: 0o600 });
      return said();
    }),
  );
};

export const rootPrograms = { usermod, adduser, runuser } as const satisfies Record<string, Program>;
