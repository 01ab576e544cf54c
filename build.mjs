// Bundles the program and everything it needs, so that it runs on Node 20.19 and newer without an install: into one file to be
// downloaded; into several for the package, of which Node reads those that a command line needs; and beside them, in build/,
// which is in no package, the same program as the tests run it: on the ground of a folder.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
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
  // CommonJS dependencies call require() for Node's own modules; an ES module has none of its own.
  banner: {
    js: '#!/usr/bin/env node\nimport { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
  plugins: [rawText],
};
const released = 'dist/claude-routing-install.mjs';
const packaged = 'dist/package';
for (const parts of [packaged, 'build/parts']) rmSync(`${root}${parts}`, { recursive: true, force: true });
const results = await Promise.all([
  build({ ...usual, entryPoints: ['src/claude-routing-install.ts'], outfile: released }),
  build({
    ...usual,
    entryPoints: ['src/claude-routing-install.ts'],
    outdir: packaged,
    splitting: true,
    minifyWhitespace: true,
    outExtension: { '.js': '.mjs' },
    chunkNames: 'part-[hash]',
  }),
  // In parts, too: what the tests of whole runs find holds for what is shipped.
  build({
    ...usual,
    entryPoints: { 'paper-program': 'test/machine/paper/paper-program.ts' },
    outdir: 'build',
    splitting: true,
    outExtension: { '.js': '.mjs' },
    chunkNames: 'parts/[hash]',
  }),
]);
const [{ metafile }] = results;
for (const { metafile: made } of results) refuseLatePackages(made);
const strangers = Object.keys(metafile.inputs).filter((input) => input.startsWith('test/'));
if (strangers.length > 0) throw new Error(`parts of the tests would be shipped: ${strangers.join(', ')}`);
for (const file of [released, `${packaged}/claude-routing-install.mjs`]) chmodSync(`${root}${file}`, 0o755);
writeLicences(metafile);
writeSchema();

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
