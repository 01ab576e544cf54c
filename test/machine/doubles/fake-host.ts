import { shellLine } from '../../../src/engine/event.ts';
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
  type SendRequest,
} from '../../../src/host/host.ts';
import { revealed } from '../../../src/host/secret.ts';

/** A file of the fake machine; a directory has no text. */
export interface FakeFile {
  readonly text: string | undefined;
  readonly mode?: number;
  readonly kind?: FileStat['kind'];
  readonly changedAt?: number;
  /** Where it really is, when a link stands there. */
  readonly link?: string;
  readonly broken?: FileStat['broken'];
  readonly closed?: FileStat['closed'];
  /** What the system says to whoever reads it. */
  readonly refuses?: 'EACCES' | 'EIO';
}

type Answer<Asked, Result> = Result | ((asked: Asked, host: FakeHost) => Result);

/**
 * A machine made of a list of files and of what it was told to answer. Files that it was not told of do not exist; a
 * command or request that it was not told of throws, so that no test passes because of a guess.
 */
export class FakeHost implements Host {
  readonly files = new Map<string, FakeFile>();
  /** Everything that was performed, in order. */
  readonly performed: Effect[] = [];
  /** Every command that was asked, as a person would type it. */
  readonly asked: string[] = [];
  readonly #commands = new Map<string, Answer<Command, Partial<CommandResult>>>();
  readonly #replies = new Map<string, Answer<HttpRequest, Partial<HttpReply>>>();

  constructor(files: Readonly<Record<string, string | FakeFile>> = {}) {
    for (const [path, file] of Object.entries(files)) this.put(path, file);
  }

  /** Puts a file there, and the directories above it. */
  put(path: string, file: string | FakeFile): this {
    for (let above = parentOf(path); above !== ''; above = parentOf(above)) {
      if (!this.files.has(above)) this.files.set(above, { text: undefined, kind: 'directory', mode: 0o755 });
    }
    this.files.set(path, typeof file === 'string' ? { text: file } : file);
    return this;
  }

  /** What a command line (see `shellLine`) answers; what is not said is success without a word. */
  tell(line: string, answer: Answer<Command, Partial<CommandResult>> = {}): this {
    this.#commands.set(line, answer);
    return this;
  }

  /** What `METHOD url` answers; what is not said is 200 with an empty body. */
  reply(request: string, answer: Answer<HttpRequest, Partial<HttpReply>>): this {
    this.#replies.set(request, answer);
    return this;
  }

  async readFile(path: string): Promise<string | undefined> {
    const { text, refuses: code } = this.files.get(path) ?? { text: undefined };
    if (code !== undefined) throw Object.assign(new Error(`${code}: refused, open '${path}'`), { code, path });
    return text;
  }

  async readLines(path: string, each: (line: string) => void, from?: number): Promise<number | undefined> {
    const text = await this.readFile(path);
    if (from === undefined) (await this.readFile(`${path}.gz`))?.split('\n').forEach(each);
    text
      ?.slice(from ?? 0)
      .split('\n')
      .forEach(each);
    return text === undefined ? undefined : text.lastIndexOf('\n') + 1;
  }

  async stat(path: string): Promise<FileStat | undefined> {
    const found = this.files.get(path);
    if (found === undefined) return undefined;
    const { kind = 'file', mode = 0o644, text = '', changedAt = 0, link, broken, closed } = found;
    const through = link === undefined ? {} : { link, ...(broken === undefined ? {} : { broken }) };
    const shut = closed === undefined ? {} : { closed };
    return { kind, mode, uid: 1000, size: text?.length ?? 0, changedAt, ...through, ...shut };
  }

  async list(path: string): Promise<readonly string[]> {
    const below = [...this.files.keys()].filter((name) => parentOf(name) === path);
    return below.map((name) => name.slice(path.length + 1)).sort();
  }

  async query(command: Command): Promise<CommandResult> {
    return this.#answer(command);
  }

  async http(request: HttpRequest): Promise<HttpReply> {
    const name = `${request.method ?? (request.json === undefined ? 'GET' : 'POST')} ${request.url}`;
    const answer = this.#replies.get(name);
    if (answer === undefined) throw new Error(`the fake host was not told what is answered to: ${name}`);
    const reply = typeof answer === 'function' ? answer(request, this) : answer;
    return { reached: true, status: 200, headers: {}, body: '', ms: 1, ...reply } as HttpReply;
  }

  async perform(effect: Effect): Promise<Performed> {
    this.performed.push(effect);
    switch (effect.do) {
      case 'write':
        return this.#replaced(effect.path, { text: revealed(effect.content), mode: effect.mode });
      case 'make-directory':
        this.put(effect.path, { text: undefined, kind: 'directory', mode: effect.mode });
        return {};
      case 'remove':
        return this.#replaced(effect.path, undefined);
      case 'run':
        return this.#run(effect);
      case 'send':
        return await this.#send(effect);
    }
  }

  #answer(command: Command): CommandResult {
    const line = shellLine(command);
    this.asked.push(line);
    const answer = this.#commands.get(line);
    if (answer === undefined) throw new Error(`the fake host was not told what is answered to: ${line}`);
    const result = typeof answer === 'function' ? answer(command, this) : answer;
    return { exitCode: 0, stdout: '', stderr: '', ...result };
  }

  #run(effect: RunCommand): Performed {
    const { exitCode, stdout, stderr } = this.#answer(effect.command);
    if (exitCode === 0) return {};
    const output = `${stdout}\n${stderr}`.split('\n').filter((line) => line.trim() !== '');
    throw new EffectFailed(effect, `${effect.command.file} ended with exit code ${exitCode}`, exitCode, output);
  }

  async #send(effect: SendRequest): Promise<Performed> {
    const reply = await this.http(effect.request);
    if (!reply.reached) throw new EffectFailed(effect, `no reply (${reply.detail})`);
    if (reply.status < 200 || reply.status > 299)
      throw new EffectFailed(effect, `the server answered HTTP ${reply.status}`, undefined, [reply.body]);
    return {};
  }

  #replaced(path: string, file: FakeFile | undefined): Performed {
    const before = this.files.get(path);
    if (file === undefined) this.files.delete(path);
    else if (this.files.get(parentOf(path))?.kind !== 'directory')
      throw new EffectFailed(
        { do: 'write', path, content: '', mode: 0 },
        `ENOENT: no such file or directory, open '${path}'`,
      );
    else this.files.set(path, file);
    if (before?.text === undefined) return {};
    const backup = `/backups${path}`;
    this.put(backup, before);
    return { backup };
  }
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}
