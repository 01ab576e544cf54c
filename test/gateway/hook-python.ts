import { spawnSync } from 'node:child_process';
import { pythonPath } from './python-path.ts';

/** The one name that the hook takes from LiteLLM when it is loaded: importing the whole takes seconds. */
const driver = `
import json, sys, types
module = types.ModuleType("litellm.integrations.custom_logger")
module.CustomLogger = type("CustomLogger", (), {})
sys.modules[module.__name__] = module
import request_log
given = json.load(sys.stdin)
`;

/** Runs Python behind the request log's import; `given` is the argument, what it prints is the JSON that comes back. */
export function python<Result>(
  code: string,
  given: unknown = null,
  environment: Readonly<Record<string, string>> = {},
): Result {
  const env = { PATH: '/usr/bin:/bin', PYTHONPATH: pythonPath, PYTHONDONTWRITEBYTECODE: '1', ...environment };
  const input = JSON.stringify(given);
  const { stdout, stderr, status } = spawnSync('python3', ['-c', `${driver}\n${code}`], {
    input,
    env,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Result;
}
