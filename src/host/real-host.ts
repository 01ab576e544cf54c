import { readdir } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { messageOf } from '../text/said.ts';
import type { FileChanges } from './files/file-changes.ts';
import { lookAtPath, noneIfMissing, readPlainFile } from './files/file-looks.ts';
import {
  type Command,
  type CommandResult,
  type Effect,
  EffectFailed,
  type FileStat,
  type Host,
  type HttpReply,
  type HttpRequest,
  type Performed,
  type RunCommand,
  ranOutOfTime,
  type SendRequest,
} from './host.ts';
import { type Masking, revealed } from './secret.ts';

export interface RealHostOptions {
  readonly uid: number;
  /** Given to every program; see Layout.sessionEnv. */
  readonly env: Readonly<Record<string, string>>;
  /** Folder for this run's backups; created with the first one. */
  readonly backupFolder: string;
  readonly masking: Masking;
  /** Called with each output line of a changing program, masked. */
  readonly onLine?: (line: string) => void;
  /** Where paths, programs and addresses really are; default: where they say. */
  readonly ground?: PathMapping;
}

/** What stands for the machine: the machine itself, or a folder. */
export interface PathMapping {
  readonly path: (path: string) => string;
  readonly url: (url: string) => string;
}

const realPaths: PathMapping = { path: (path) => path, url: (url) => url };

const queryTimeoutMs = 10_000;
const changeSilenceMs = 10 * 60_000;
const keptOutputLines = 20;

/**
 * This machine. The only place that starts programs, writes files or opens connections. What does so is loaded when it is needed:
 * nothing but looks at files comes before the first question.
 */
export class RealHost implements Host {
  readonly #options: RealHostOptions;
  readonly #ground: PathMapping;
  #files: FileChanges | undefined;

  constructor(options: RealHostOptions) {
    this.#options = options;
    this.#ground = options.ground ?? realPaths;
  }

  async readFile(path: string): Promise<string | undefined> {
    return await readPlainFile(this.#ground.path(path));
  }

  async readLines(path: string, each: (line: string) => void, from?: number): Promise<number | undefined> {
    const { readPlainLines } = await import('./files/log-lines.ts');
    return await readPlainLines(this.#ground.path(path), each, from);
  }

  async stat(path: string): Promise<FileStat | undefined> {
    return await lookAtPath(this.#ground.path(path));
  }

  async list(path: string): Promise<readonly string[]> {
    return (await readdir(this.#ground.path(path)).catch(noneIfMissing)) ?? [];
  }

  async query(command: Command): Promise<CommandResult> {
    return await this.#run(command, inputOf(command), command.timeoutMs ?? queryTimeoutMs);
  }

  async http(request: HttpRequest): Promise<HttpReply> {
    const { exchange } = await import('./http-client.ts');
    return await exchange({ ...request, url: this.#ground.url(request.url) });
  }

  /** The one door: every change that this program makes passes here. */
  async perform(effect: Effect): Promise<Performed> {
    switch (effect.do) {
      case 'write':
        return await this.#guarded(effect, (await this.#changes()).write(effect));
      case 'make-directory':
        return await this.#guarded(effect, (await this.#changes()).makeDirectory(effect));
      case 'remove':
        return await this.#guarded(effect, (await this.#changes()).remove(effect));
      case 'run':
        return await this.#change(effect);
      case 'send':
        return await this.#send(effect);
    }
  }

  async #changes(): Promise<FileChanges> {
    const { changeFiles } = await import('./files/file-changes.ts');
    this.#files ??= changeFiles({
      uid: this.#options.uid,
      backupFolder: this.#options.backupFolder,
      onDisk: this.#ground.path,
      run: (command, input = '') => this.#run(command, input, queryTimeoutMs),
    });
    return this.#files;
  }

  async #guarded(effect: Effect, change: Promise<Performed>): Promise<Performed> {
    try {
      return await change;
    } catch (error) {
      throw new EffectFailed(effect, this.#options.masking.mask(messageOf(error)));
    }
  }

  async #change(effect: RunCommand): Promise<Performed> {
    const deadline = Date.now() + (effect.retry?.forMs ?? 0);
    for (;;) {
      const result = await this.#run(effect.command, inputOf(effect.command), effect.command.timeoutMs, true);
      if (result.exitCode === 0) return {};
      if (effect.retry === undefined || !result.stderr.includes(effect.retry.text) || Date.now() > deadline) {
        throw this.#failed(effect, result);
      }
      await pause(1000);
    }
  }

  #failed(effect: RunCommand, result: CommandResult): EffectFailed {
    const lines = `${result.stdout}\n${result.stderr}`
      .split('\n')
      .map(lastDrawn)
      .filter((line) => line.trim() !== '');
    const output = lines.slice(-keptOutputLines).map((line) => this.#options.masking.mask(line));
    const how = ranOutOfTime(result) ? 'ran out of time' : `ended with exit code ${result.exitCode}`;
    return new EffectFailed(effect, `${effect.command.file} ${how}`, result.exitCode, output);
  }

  async #send(effect: SendRequest): Promise<Performed> {
    const reply = await this.http(effect.request);
    if (!reply.reached) throw new EffectFailed(effect, `no reply (${reply.detail})`);
    // LM Studio answers 200 to everything and puts what went wrong into the body.
    if (reply.status < 200 || reply.status > 299 || /^\s*\{\s*"error"/.test(reply.body)) {
      const words = this.#options.masking.mask(reply.body).slice(0, 500);
      throw new EffectFailed(effect, `the server answered HTTP ${reply.status}`, undefined, [words]);
    }
    return {};
  }

  async #run(command: Command, input: string, timeoutMs: number | undefined, loud = false): Promise<CommandResult> {
    const { uid, env, masking, onLine } = this.#options;
    const listener = loud && onLine !== undefined ? { onLine: (line: string) => onLine(masking.mask(line)) } : {};
    const { runCommand } = await import('./run-command.ts');
    return await runCommand(this.#grounded(command), {
      uid,
      baseEnv: env,
      input,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(loud ? { silenceMs: command.silenceMs ?? changeSilenceMs } : {}),
      unbreakable: loud,
      ...listener,
    });
  }

  #grounded(command: Command): Command {
    const file = command.file.startsWith('/') ? this.#ground.path(command.file) : command.file;
    return command.cwd === undefined ? { ...command, file } : { ...command, file, cwd: this.#ground.path(command.cwd) };
  }
}

function inputOf({ input = '' }: Command): string {
  return revealed(input);
}

/** What a terminal would show of a line that was redrawn again and again, such as a meter. */
function lastDrawn(line: string): string {
  return line.replace(/\r+$/, '').split('\r').at(-1) ?? '';
}
