import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../', import.meta.url));

interface Import {
  readonly from: string;
  readonly target: string;
}

const sources = filesBelow('src');
const texts = new Map(sources.map((file) => [file, readFileSync(`${root}${file}`, 'utf8')]));
const imports = sources.flatMap(importsOf);

/**
 * The house from the ground up: a room may know of the floors below its own, and of itself, of their types, too.
 */
const floors: readonly (readonly string[])[] = [
  ['layout', 'global', 'text', 'problem-codes'],
  ['problem'],
  ['host'],
  ['shell', 'http', 'docker-client'],
  ['resources', 'config'],
  ['engine'],
  ['context'],
  ['ui'],
  ['checks', 'uninstall'],
  ['components'],
  ['env-trace'],
  ['status', 'failover-test'],
  ['wizard', 'registry'],
  ['session'],
  ['usage'],
  ['watch'],
  ['update', 'support-bundle'],
  ['command-line'],
  ['commands'],
  ['declarations'],
  ['cli'],
  ['claude-routing-install'],
];

/** What a component may know of others: each has what it installs, checks and takes off beside each other. */
const neighbours: Readonly<Record<string, readonly string[]>> = {
  'base-system': ['docker'],
  'claude-code': ['proof'],
  cloud: ['gateway', 'secrets-file'],
  docker: [],
  gateway: ['cloud', 'lm-studio'],
  launchers: ['gateway', 'sentinel'],
  'lm-studio': [],
  machine: ['base-system', 'cloud', 'gateway'],
  proof: ['gateway', 'launchers'],
  'secrets-file': ['gateway'],
  sentinel: ['gateway'],
  toolchain: ['claude-code'],
};

function floorOf(file: string): number {
  return floors.findIndex((rooms) => rooms.includes(layerOf(file)));
}

function mayRun({ from, target }: Import): boolean {
  if (layerOf(from) !== layerOf(target)) return floorOf(target) < floorOf(from);
  const [own, other] = [from, target].map((file) => /^src\/components\/([^/]+)\//.exec(file)?.[1]);
  return own === other || (own !== undefined && other !== undefined && neighbours[own]?.includes(other) === true);
}

describe('imports', () => {
  it('point down only', () => {
    const wrong = ours(imports).filter((one) => !mayRun(one));
    expect(wrong.map(({ from, target }) => `${from} → ${target}`)).toEqual([]);
  });

  it('know of every file there is', () => {
    expect(sources.filter((file) => floorOf(file) === -1)).toEqual([]);
    const components = new Set(sources.flatMap((file) => /^src\/components\/([^/]+)\//.exec(file)?.[1] ?? []));
    expect([...components].sort()).toEqual(Object.keys(neighbours).sort());
  });

  it('never go in a circle', () => {
    expect(circles(ours(imports))).toEqual([]);
  });

  it('are written with their ending', () => {
    const wrong = imports.filter(({ target }) => target.startsWith('.') && !/\.ts$|\?(raw|texts)$/.test(target));
    expect(wrong).toEqual([]);
  });
});

/** Modules from outside, and where they may be used. */
const modules: readonly (readonly [name: RegExp, places: RegExp, why: string])[] = [
  [
    /^(execa|undici|node:child_process|node:net|node:http|node:https|node:dns)/,
    /^src\/host\/|^src\/config\/address\.ts$/,
    'only the host starts programs and dials; address.ts asks node:net what an address looks like',
  ],
  [
    /^node:fs/,
    /^src\/host\/|^src\/engine\/journal\.ts$/,
    'only the host touches files; the journal is the one file that the program keeps about itself',
  ],
  [/^(@inquirer|ora|fast-wrap-ansi|fast-string-width|node:readline|diff$)/, /^src\/ui\//, 'only the ui speaks'],
  [/^zod$/, /^src\/(config|http|components|docker-client|uninstall)\//, 'schemas stand where foreign text is read'],
  [
    /^(yaml|dotenv)$/,
    /^src\/(config|components)\/|^src\/failover-test\/throw-away\.ts$/,
    'formats of files belong to who reads or writes them',
  ],
  [
    /^(commander$|@commander-js)/,
    /^src\/(declarations|command-line|cli)\//,
    'each command declares its own line; nothing below knows how it is typed',
  ],
  [
    /^node:os$/,
    /^src\/(cli\/environment\.ts|(commands|session|support-bundle)\/)/,
    'what this process runs on is found out at the top',
  ],
];

describe('modules from outside', () => {
  it.each(modules)('%s', (name, places, why) => {
    const wrong = imports.filter(({ from, target }) => name.test(target) && !places.test(from));
    expect(
      wrong.map(({ from, target }) => `${from} uses ${target}`),
      why,
    ).toEqual([]);
  });
});

describe('the process', () => {
  /** Each with its reason. */
  const exceptions: Readonly<Record<string, RegExp>> = {
    // A lock names who holds it.
    'src/host/lock.ts': /process\.pid/,
    // What looks for a reader goes with the program.
    'src/host/reader.ts': /process\.pid/,
    // Without a prompt library Ctrl-C at a question arrives as a signal.
    'src/ui/prompts/line-prompts.ts': /process\.(once|off)\('SIGINT'/,
  };

  it('is touched at the top alone', () => {
    const touching = sources
      .filter((file) => !/^src\/(cli|cli\/(signals|environment|answer|begin-work))\.ts$/.test(file))
      .flatMap((file) =>
        linesOf(file)
          .filter((line) => /(?<![\w.'])process\.\w/.test(line) && exceptions[file]?.test(line) !== true)
          .map((line) => `${file}: ${line.trim()}`),
      );
    expect(touching).toEqual([]);
  });

  it('has these variables of its environment read by name, and none that the tests made up', () => {
    const named = sources.flatMap((file) =>
      [...codeOf(file).matchAll(/\benv(?:ironment)?(?:\.|\[')([A-Z][A-Z_]+)\b/g)].map(([, name]) => name),
    );
    expect([...new Set(named)].sort()).toEqual([
      'CI',
      'CLAUDE_CONFIG_DIR',
      'DOCKER_HOST',
      'HOME',
      'NO_COLOR',
      'NO_UPDATE_NOTIFIER',
      'NPM_CONFIG_REGISTRY',
      'PATH',
      'SSH_CONNECTION',
      'SUDO_USER',
      'TERM',
    ]);
  });

  it('is written to by the ui alone, never through the console', () => {
    expect(sources.filter((file) => /\bconsole\.(log|error|warn|info)\(/.test(codeOf(file)))).toEqual([]);
  });

  it('has one way out, which masks and makes harmless: no command can write beside it', () => {
    const writing =
      /\b(output|stream|stdout|stderr)\.(write|end|cork)\(|\b(writeSync|pipeline)\(|process\.(stdout|stderr)\b/;
    const places = sources.filter((file) => writing.test(codeOf(file)));
    // cli.ts hands the streams over; output.ts writes the version, a constant; the prompts draw what the terminal gave them, masked.
    expect(places).toEqual([
      'src/cli.ts',
      'src/ui/json.ts',
      'src/ui/output.ts',
      'src/ui/prompts/line-prompts.ts',
      'src/ui/speech.ts',
      'src/ui/terminal.ts',
    ]);
    const handed = linesOf('src/cli.ts').filter((line) => /process\.(stdout|stderr)\b/.test(line));
    expect(handed.filter((line) => !/openOutput\(process\.std(out|err)\)/.test(line))).toEqual([]);
  });
});

describe('the way from a look to a change', () => {
  it('is one: the lock, sudo and the question are behind it', () => {
    const takes = (what: RegExp) => sources.filter((file) => what.test(codeOf(file)));
    expect(takes(/\bacquireLock\(/)).toEqual(['src/host/lock.ts', 'src/session/change-run.ts']);
    expect(takes(/\.acquireSudo\(/)).toEqual(['src/session/change-run.ts']);
    expect(takes(/nobody can \$\{consent\} here/)).toEqual(['src/session/change-run.ts']);
    expect(takes(/\bopenJournal\(/)).toEqual(['src/engine/journal.ts', 'src/session/change-run.ts']);
  });
});

describe('the docker client', () => {
  it('is called in one place, which leads it to the engine of this account', () => {
    const naming = sources.filter((file) => /\bfile: ['"`]docker['"`]|\bfile === 'docker'/.test(codeOf(file)));
    expect(naming).toEqual(['src/docker-client/docker.ts']);
  });
});

describe('what a container says', () => {
  it('is asked for in one place, which leaves out what quotes a conversation', () => {
    const asking = sources.filter((file) => /'logs',\s*'--/.test(codeOf(file)));
    expect(asking).toEqual(['src/docker-client/container.ts']);
  });
});

describe('habits', () => {
  it('files are called after the noun they own', () => {
    const bad = sources.filter(
      (file) =>
        !/^src\/([a-z0-9]+(-[a-z0-9]+)*\/)*[a-z0-9]+(-[a-z0-9]+)*(\.d)?\.ts$/.test(file) ||
        /\b(utils?|helpers?|common|misc)\b/.test(file),
    );
    expect(bad).toEqual([]);
  });

  it('no room is too full to be looked over', () => {
    const filesOf = (room: string) => sources.filter((file) => dirname(file) === room).length;
    const full = [...new Set(sources.map(dirname))].filter((room) => filesOf(room) > 17);
    expect(full).toEqual([]);
  });

  it('no file is too long to be read in one go', () => {
    expect(sources.filter((file) => (texts.get(file) ?? '').split('\n').length > 301)).toEqual([]);
  });

  it('a small file has more than one user, is imported late, or is a list or one of the parts that every component has', () => {
    const late = new Set(sources.flatMap((file) => latePlaces(file)));
    const kept =
      /^src\/(cli|claude-routing-install|global\.d|declarations\/index|registry\/\w+|components\/[\w-]+\/remove)\.ts$/;
    const users = (file: string) => new Set(ours(imports).flatMap(({ from, target }) => (target === file ? from : [])));
    const small = sources.filter((file) => (texts.get(file) ?? '').split('\n').length <= 40 && !kept.test(file));
    expect(small.filter((file) => users(file).size < 2 && !late.has(file))).toEqual([]);
  });

  it('nothing is exported by default, and nothing is of any type', () => {
    const bad = sources.filter(
      (file) => !file.endsWith('.d.ts') && /export default|: any\b|as any\b|<any>/.test(codeOf(file)),
    );
    expect(bad).toEqual([]);
  });

  it('no test is skipped, singled out, or given a false module', () => {
    const tests = filesBelow('test').filter((file) => file !== 'test/architecture.test.ts');
    const bad = tests.filter((file) =>
      /\b(it|test|describe)\.(skip|only|todo|skipIf|runIf)\b|\bvi\.mock\b/.test(readFileSync(`${root}${file}`, 'utf8')),
    );
    expect(bad).toEqual([]);
  });
});

function filesBelow(folder: string): readonly string[] {
  const entries = readdirSync(`${root}${folder}`, { recursive: true, encoding: 'utf8' });
  return entries
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name}`)
    .sort();
}

function layerOf(file: string): string {
  return file.split('/')[1]?.replace(/(\.d)?\.ts$/, '') ?? '';
}

function importsOf(file: string): readonly Import[] {
  const text = texts.get(file) ?? '';
  const statements = text.matchAll(/^(?:import|export)\s+(?:[^'";]*?\s+from\s+)?'([^']+)';?$/gm);
  // What is loaded when it is needed is needed all the same.
  const later = text.matchAll(/\bimport\('([^']+)'\)/g);
  return [...statements, ...later].map(([, target = '']) => ({ from: file, target }));
}

/** What a file of ours imports when it is needed. */
function latePlaces(file: string): readonly string[] {
  const found = (texts.get(file) ?? '').matchAll(/\bimport\('([^']+)'\)/g);
  return [...found].map(([, target = '']) => join(dirname(file), target));
}

/** Imports of our own files, the target as a path below src/. */
function ours(all: readonly Import[]): readonly Import[] {
  return all
    .filter(({ target }) => target.startsWith('.') && target.endsWith('.ts'))
    .map((one) => ({ ...one, target: join(dirname(one.from), one.target) }));
}

function circles(all: readonly Import[]): readonly string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, trail: readonly string[]): void => {
    const at = trail.indexOf(file);
    if (at >= 0) return void found.push([...trail.slice(at), file].join(' → '));
    if (done.has(file)) return;
    for (const { target } of all.filter(({ from }) => from === file)) visit(target, [...trail, file]);
    done.add(file);
  };
  for (const file of sources) visit(file, []);
  return found;
}

function linesOf(file: string): readonly string[] {
  return codeOf(file).split('\n');
}

/** The text without comments. */
function codeOf(file: string): string {
  return (texts.get(file) ?? '').replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}
