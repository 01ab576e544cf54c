import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { pythonPath } from './python-path.ts';

const driver = `
import importlib, json, sys, traceback, types
for absent in sys.argv[1:]:
    module = sys.modules[absent] = types.ModuleType(absent)
    module.__getattr__ = lambda name: type(name, (Exception,), {}) if name[0].isupper() else None
for line in sys.stdin:
    module, name, arguments = json.loads(line)
    try:
        answer = {"value": getattr(importlib.import_module(module), name)(*arguments)}
    except Exception:
        answer = {"error": traceback.format_exc()}
    print(json.dumps(answer), flush=True)
`;

/** Calls functions of the gateway modules that need nothing but Python: importing the whole gateway would take seconds. */
export interface Python {
  call(module: string, name: string, ...args: readonly unknown[]): Promise<unknown>;
  /** Calls that come after it fail. */
  end(): void;
}

/** One Python for many calls, which are answered in their order. `absent`: packages that the modules import, as far
 * as the calls need no more of them than that their classes exist. */
export function startPython(...absent: readonly string[]): Python {
  const env = { PATH: '/usr/bin:/bin:/usr/local/bin', PYTHONPATH: pythonPath, PYTHONDONTWRITEBYTECODE: '1' };
  const child = spawn('python3', ['-c', driver, ...absent], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting: ((line: string) => void)[] = [];
  createInterface(child.stdout).on('line', (line) => waiting.shift()?.(line));
  return {
    call: async (module, name, ...args) => {
      const line = await new Promise<string>((resolve) => {
        waiting.push(resolve);
        child.stdin.write(`${JSON.stringify([module, name, args])}\n`);
      });
      const { value, error } = JSON.parse(line) as { value?: unknown; error?: string };
      if (error !== undefined) throw new Error(error);
      return value;
    },
    end: () => child.stdin.end(),
  };
}
