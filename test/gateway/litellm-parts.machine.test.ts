import { spawnSync } from 'node:child_process';
import { afterAll, describe, expect, it } from 'vitest';
import { litellmEnvironment } from './litellm-program.ts';
import { startPython } from './python-call.ts';
import { pythonPath } from './python-path.ts';
import { setScene } from './scene.ts';

/** What the modules import of LiteLLM, what they take from it by its name, and the hooks that they have. */
const used = `
import ast, json, os, sys
parts, hooks = set(), {}
for folder in sys.argv[1].split(":"):
    for name in sorted(os.listdir(folder)):
        # Those that make requests lighter leave out a step whose parts are not there.
        if not name.endswith(".py") or name == "litellm_parts.py" or folder.endswith("/lighter"):
            continue
        tree = ast.parse(open(os.path.join(folder, name)).read())
        modules = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                modules.update({one.asname or one.name: one.name for one in node.names if one.name.split(".")[0] == "litellm"})
            elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "litellm":
                for one in node.names:
                    if one.name == "proxy_server":
                        modules[one.name] = "litellm.proxy.proxy_server"
                    else:
                        parts.add(f"{node.module}:{one.name}")
            elif isinstance(node, ast.ClassDef) and any(getattr(base, "id", "") == "CustomLogger" for base in node.bases):
                for made in node.body:
                    if isinstance(made, (ast.FunctionDef, ast.AsyncFunctionDef)) and made.name.startswith(("async_", "log_")):
                        hooks[f"{name}:{made.name}"] = " ".join(one.arg for one in made.args.args[1:])
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
                parts.add(f"{modules[node.value.id]}:{node.attr}")
print(json.dumps([sorted(parts), hooks]))
`;

const listed = `
import json
import litellm_parts as parts
print(json.dumps([parts.lacks(), [*parts.CALLED_BY_LITELLM, *parts.CALLED_BY_US, *parts.THERE], parts.CALLED_BY_LITELLM]))
`;

function python<Found>(file: string, code: string, ...args: readonly string[]): Found {
  const env = {
    PATH: '/usr/bin:/bin',
    PYTHONPATH: pythonPath,
    PYTHONDONTWRITEBYTECODE: '1',
    LITELLM_LOCAL_MODEL_COST_MAP: 'True',
  };
  const { stdout, stderr, status } = spawnSync(file, ['-c', code, ...args], { env, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Found;
}

describe('what the gateway takes from LiteLLM', () => {
  it('is there, whole, and all of it is listed', async () => {
    const [lacks, parts, hooks] = python<[string[], string[], Record<string, string>]>(
      `${await litellmEnvironment()}/bin/python`,
      listed,
    );
    expect(lacks).toEqual([]);
    const [taken, made] = python<[string[], Record<string, string>]>('python3', used, pythonPath);
    expect(taken.length).toBeGreaterThan(10);
    expect(taken.filter((name) => !parts.some((part) => part === name || part.startsWith(`${name}.`)))).toEqual([]);
    const known = Object.entries(hooks).map(([part, names]) => `${part.split('.').at(-1)} ${names}`);
    expect(Object.keys(made).length).toBeGreaterThan(8);
    expect(Object.entries(made).filter(([where, names]) => !known.includes(`${where.split(':')[1]} ${names}`))).toEqual(
      [],
    );
  });

  const standIn = startPython();
  afterAll(() => standIn.end());
  it.each([
    ['json:dumps', null, false, null],
    ['nowhere:it', null, false, 'nowhere:it is missing'],
    ['json:nothing.at.all', null, false, 'json:nothing.at.all is missing'],
    ['textwrap:fill', 'text width', false, null],
    ['textwrap:fill', 'width', false, 'textwrap:fill takes (text, width, kwargs)'],
    ['textwrap:indent', 'text', false, 'textwrap:indent takes (text, prefix, predicate)'],
    ['textwrap:dedent', 'text', true, null],
    ['textwrap:indent', 'text prefix', true, 'textwrap:indent takes (text, prefix, predicate)'],
  ])('%s with %s, exactly these: %s', async (part, names, exactly, lack) => {
    expect(await standIn.call('litellm_parts', 'lack_of', part, names, exactly)).toBe(lack);
  });

  it('ends the gateway at its start when a part is missing, and is named', async () => {
    const breaking = `
from litellm.integrations.custom_logger import CustomLogger
from litellm.llms.custom_httpx.http_handler import AsyncHTTPHandler
del AsyncHTTPHandler.create_client
proxy_handler_instance = CustomLogger()
`;
    const change = ({ litellm_settings }: { readonly litellm_settings: Record<string, unknown> }): void => {
      litellm_settings.callbacks = ['breaking.proxy_handler_instance', ...(litellm_settings.callbacks as string[])];
    };
    await expect(setScene({ modules: { 'breaking.py': breaking }, change })).rejects.toThrow(
      /^LiteLLM ended with [1-9][\s\S]*RuntimeError: LiteLLM [\d.]+ is not fit for this gateway[\s\S]*AsyncHTTPHandler.create_client is missing/,
    );
  });
});
