import { execFile } from 'node:child_process';
import { localRoute, routedRoute } from '../../src/components/gateway/routing/profiles.ts';
import { launcherEnvironment } from '../../src/components/launchers/environment.ts';
import { layoutFor } from '../../src/layout.ts';
import { claudeBinary } from './litellm-program.ts';
import { type Scene, sceneAnswers } from './scene.ts';

/** How one headless run of the real Claude Code ended. */
export interface ClaudeRun {
  readonly exitCode: number;
  /** The answer, or the error as a person would see it. */
  readonly result: string;
  readonly isError: boolean;
  /** The models that were used, by the names that the client knows them by. */
  readonly models: readonly string[];
}

interface ClaudeOutput {
  readonly result?: string;
  readonly is_error?: boolean;
  readonly modelUsage?: Readonly<Record<string, unknown>>;
}

/**
 * Runs the real Claude Code inside the scene's network, against its gateway. `home` keeps conversations between runs; it is ended
 * after `timeout` milliseconds.
 */
export async function runClaude(
  scene: Scene,
  home: string,
  model: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  timeout = 120_000,
): Promise<ClaudeRun> {
  const [file, command] = scene.wire.command(await claudeBinary(), [...args, '--output-format', 'json']);
  const env = {
    PATH: '/usr/sbin:/usr/bin:/bin',
    HOME: home,
    CLAUDE_CONFIG_DIR: `${home}/claude`,
    ANTHROPIC_BASE_URL: scene.gateway.insideUrl,
    ANTHROPIC_AUTH_TOKEN: scene.gateway.key,
    ANTHROPIC_MODEL: model,
    ANTHROPIC_DEFAULT_HAIKU_MODEL: model,
    CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS: '1',
    CLAUDE_CODE_MAX_RETRIES: '1',
    ...environment,
  };
  return new Promise((resolve, reject) => {
    const options = { cwd: home, env, timeout, maxBuffer: 64_000_000 };
    const child = execFile(file, command, options, (error, stdout, stderr) => {
      if (!stdout.startsWith('{'))
        return reject(new Error(`Claude Code said no JSON: ${stdout}${stderr}`, { cause: error }));
      const output = JSON.parse(stdout) as ClaudeOutput;
      resolve({
        exitCode: child.exitCode ?? -1,
        result: output.result ?? '',
        isError: output.is_error ?? true,
        models: Object.keys(output.modelUsage ?? {}),
      });
    });
    child.stdin?.end();
  });
}

/** The environment of claude-local in a scene, but for what `runClaude` sets itself. */
export function claudeLocalEnvironment(home: string): Readonly<Record<string, string>> {
  const answers = sceneAnswers();
  const layout = layoutFor({ user: 'anna', uid: 1234, home });
  const models = { routed: routedRoute(answers), local: localRoute(answers), contextWindow: 65_536 };
  const {
    ANTHROPIC_BASE_URL: _,
    CLAUDE_CONFIG_DIR: __,
    ...environment
  } = launcherEnvironment('claude-local', layout, models);
  return environment;
}
