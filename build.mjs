// Bundles the program and everything it needs, so that it runs on Node 20.19 and newer without an install: into one file to be
// downloaded; into several for the package, of which Node reads those that a command line needs; and beside them, in build/,
// which is in no package, the same program as the tests run it: on the ground of a folder. The parts are CommonJS, because Node
// takes a quarter of an empty program's time longer to begin with an ES module, and more for each part.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, transform } from 'esbuild';
import { rawText } from './raw-text.mjs';

const root = fileURLToPath(new URL('.', import.meta.url));
const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));

const usual = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  legalComments: 'none',
  metafile: true,
  define: { PROGRAM_VERSION: JSON.stringify(version) },
  plugins: [rawText],
};
const firstLine = '#!/usr/bin/env node\n';
// CommonJS dependencies call require() for Node's own modules; an ES module has none of its own.
const ownRequire =
  'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);';
const released = 'dist/claude-routing-install.mjs';
const packaged = 'dist/package';
for (const parts of [packaged, 'build/parts']) rmSync(`${root}${parts}`, { recursive: true, force: true });
const { metafile } = await build({
  ...usual,
  entryPoints: ['src/claude-routing-install.ts'],
  outfile: released,
  banner: { js: firstLine + ownRequire },
});
const inParts = {
  splitting: true,
  write: false,
  outExtension: { '.js': '.cjs' },
  plugins: [rawText, readBefore(metafile.inputs)],
};
const [{ helpTexts }, { handbook }] = await Promise.all(['src/cli/help.ts', 'src/cli/handbook.ts'].map(partOf));
const texts = Object.entries({ HELP_TEXTS: helpTexts(), HANDBOOK: await handbook() });
const written = texts.map(([name, value]) => [name, JSON.stringify(JSON.stringify(value))]);
const withTexts = { ...usual, define: { ...usual.define, ...Object.fromEntries(written) } };
const parts = await Promise.all([
  build({
    ...withTexts,
    entryPoints: ['src/claude-routing-install.ts'],
    ...inParts,
    outdir: packaged,
    chunkNames: 'part-[hash]',
  }),
  // In parts, too: what the tests of whole runs find holds for what is shipped.
  build({
    ...withTexts,
    entryPoints: { 'paper-program': 'test/machine/paper/paper-program.ts' },
    ...inParts,
    outdir: 'build',
    chunkNames: 'parts/[hash]',
  }),
]);
refuseLatePackages(metafile);
for (const { metafile: made, outputFiles } of parts) {
  refuseLatePackages(made);
  await Promise.all(outputFiles.map(writeAsCommonJs));
}
const strangers = Object.keys(metafile.inputs).filter((input) => input.startsWith('test/'));
if (strangers.length > 0) throw new Error(`parts of the tests would be shipped: ${strangers.join(', ')}`);
for (const file of [released, `${packaged}/claude-routing-install.cjs`]) chmodSync(`${root}${file}`, 0o755);
writeLicences(metafile);
writeSchema();

/**
 * A part that is read late says what was read before it: the reading of the command line, and where it is no part of the beginning
 * itself, that of the work, too. Else all that two parts have in common would stand in a file of its own, of which each costs
 * half a millisecond. `inputs` are those of a build that found them all.
 */
function readBefore(inputs) {
  const below = (file, kinds, seen = new Set()) => {
    if (seen.has(file)) return seen;
    seen.add(file);
    for (const { path, kind } of inputs[file]?.imports ?? []) if (kinds.includes(kind)) below(path, kinds, seen);
    return seen;
  };
  const [line, work] = ['src/cli/answer.ts', 'src/cli/begin-work.ts'];
  const withoutWork = ['src/cli/ending.ts', 'src/cli/written-help.ts'];
  const [withLine, withWork] = [line, work].map((file) => below(file, ['import-statement', 'require-call']));
  const late = Object.values(inputs).flatMap(({ imports }) => imports.filter(({ kind }) => kind === 'dynamic-import'));
  const earlier = new Map(
    late.map(({ path }) => [path, withWork.has(path) || withoutWork.includes(path) ? line : work]),
  );
  for (const file of withLine) earlier.delete(file);
  return {
    name: 'read-before',
    setup(bundler) {
      bundler.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const before = earlier.get(relative(root, path));
        if (before === undefined) return undefined;
        return { contents: `import '${root}${before}';\n${readFileSync(path, 'utf8')}`, loader: 'ts' };
      });
    },
  };
}

/** esbuild splits ES modules alone, so each part is made CommonJS when it is there. */
async function writeAsCommonJs({ path, text }) {
  const { code } = await transform(text, {
    format: 'cjs',
    platform: 'node',
    target: usual.target,
    // What is imported late is required late.
    supported: { 'dynamic-import': false },
    minifyWhitespace: path.startsWith(`${root}${packaged}/`),
    legalComments: 'none',
  });
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, (path.endsWith('/claude-routing-install.cjs') ? firstLine : '') + ownModulesLate(code));
}

/** Node's own modules are loaded with the first use of them, not with the part that may use them: cryptography alone takes 3 ms. */
function ownModulesLate(code) {
  const early = /\bvar (import_node_\w+) ?= ?require\(("node:[^"]+")\);/g;
  return [...code.matchAll(early)].reduce(
    (text, [line, name, module]) => text.replace(line, '').replaceAll(`${name}.`, `(require(${module})).`),
    code,
  );
}

/**
 * A package may be no ES module, and such a part has only a default: what is imported late is a module of ours, which names what
 * it takes from the package.
 */
function refuseLatePackages({ inputs }) {
  for (const [from, { imports }] of Object.entries(inputs)) {
    const late = imports.find(({ kind, path }) => kind === 'dynamic-import' && path.startsWith('node_modules/'));
    if (late !== undefined && !from.startsWith('node_modules/'))
      throw new Error(
        `${from} imports ${late.path} late: import a module of ours late, which names what it takes from it`,
      );
  }
}

/** The licences of the bundled packages travel with the bundle. */
function writeLicences(metafile) {
  const packages = new Set(
    Object.keys(metafile.inputs)
      .map((input) => input.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1])
      .filter(Boolean),
  );
  const texts = [...packages].sort().map((name) => licenceOf(name));
  mkdirSync(`${root}dist`, { recursive: true });
  writeFileSync(`${root}dist/THIRD-PARTY-LICENCES.txt`, texts.join('\n\n'));
}

/** A module of the program, to ask it now what it would say in every run. */
async function partOf(file) {
  const outfile = `${root}node_modules/.cache/${basename(file, '.ts')}.mjs`;
  await build({ ...usual, entryPoints: [file], outfile, banner: { js: ownRequire } });
  return await import(outfile);
}

/** Editors find it by the line at the top of `answers init`. */
function writeSchema() {
  const schema = execFileSync(process.execPath, [`${root}${released}`, 'answers', 'schema']);
  writeFileSync(`${root}dist/answers.schema.json`, schema);
}

function licenceOf(name) {
  const folder = `${root}node_modules/${name}`;
  const { version: packageVersion, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file ? readFileSync(`${folder}/${file}`, 'utf8').trim() : `License: ${license}`;
  return `==== ${name} ${packageVersion} (${license})\n${text}`;
}
