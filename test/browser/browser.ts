import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { must } from '../machine/lab/command.ts';

/** Debian's own. */
const program = '/usr/bin/chromium';

/** Installs the browser where there is none. */
export async function installBrowser(): Promise<void> {
  if (existsSync(program)) return;
  const options = { env: { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' } };
  const apt = ['-q', '-o', 'DPkg::Lock::Timeout=300'];
  await must('apt-get', [...apt, 'update'], options);
  await must('apt-get', [...apt, '-y', '--no-install-recommends', 'install', 'chromium', 'fonts-dejavu-core'], options);
}

interface Message {
  readonly id?: number;
  readonly sessionId?: string;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly message: string };
}

export interface Window {
  readonly width: number;
  readonly height: number;
  readonly dark: boolean;
}

/**
 * A real browser without a screen, driven over its own pipe (Chrome DevTools Protocol). Whatever it would send anywhere but to
 * the loopback goes to a port of this process, which answers nothing and remembers that it was asked.
 */
export class Browser {
  /** What would have left this machine, as the first line of each. */
  readonly outside: string[] = [];
  readonly #folder = mkdtempSync(`${tmpdir()}/browser-`);
  readonly #proxy: Server;
  #process: ChildProcess | undefined;
  #write: Writable | undefined;
  #last = 0;
  readonly #waiting = new Map<number, (message: Message) => void>();
  readonly #listeners = new Map<string, (message: Message) => void>();

  private constructor() {
    this.#proxy = createServer((socket) => {
      socket
        .on('error', () => undefined)
        .once('data', (data) => {
          this.outside.push(data.toString('latin1').split('\r\n')[0] ?? '');
          socket.destroy();
        });
    });
  }

  static async start(): Promise<Browser> {
    const browser = new Browser();
    await browser.#start();
    return browser;
  }

  async #start(): Promise<void> {
    await new Promise<void>((resolve) => this.#proxy.listen(0, '127.0.0.1', resolve));
    const { port } = this.#proxy.address() as { readonly port: number };
    const words = [
      ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--remote-debugging-pipe'],
      ...['--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
      ...['--disable-default-apps', '--disable-domain-reliability', '--no-pings', '--disable-extensions'],
      ...[`--proxy-server=127.0.0.1:${port}`, `--user-data-dir=${this.#folder}`, 'about:blank'],
    ];
    this.#process = spawn(program, words, {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
      env: { PATH: '/usr/bin:/bin', HOME: this.#folder, LANG: 'C.UTF-8' },
    });
    this.#write = this.#process.stdio[3] as Writable;
    let rest = '';
    (this.#process.stdio[4] as Readable).setEncoding('utf8').on('data', (text: string) => {
      const messages = `${rest}${text}`.split('\0');
      rest = messages.pop() ?? '';
      for (const message of messages) this.#hear(JSON.parse(message));
    });
  }

  #hear(message: Message): void {
    if (message.id === undefined) this.#listeners.get(message.sessionId ?? '')?.(message);
    else this.#waiting.get(message.id)?.(message);
    this.#waiting.delete(message.id ?? 0);
  }

  /** Asks the browser for something, and gives back what it answers. */
  async send(method: string, params: object = {}, sessionId?: string): Promise<Readonly<Record<string, unknown>>> {
    this.#last += 1;
    const id = this.#last;
    const answer = new Promise<Message>((resolve) => this.#waiting.set(id, resolve));
    this.#write?.write(
      `${JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) })}\0`,
    );
    const { result, error } = await answer;
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result ?? {};
  }

  /** Opens an address in a window of its own. */
  async open(url: string, window: Window): Promise<Page> {
    const { targetId } = await this.send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true });
    const page = new Page(async (method, params) => await this.send(method, params, String(sessionId)));
    this.#listeners.set(String(sessionId), ({ method = '', params = {} }) => page.hear(method, params));
    await page.open(url, window);
    return page;
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#process?.once('exit', resolve));
    await this.send('Browser.close').catch(() => undefined);
    await ended;
    this.#proxy.close();
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

type Send = (method: string, params?: object) => Promise<Readonly<Record<string, unknown>>>;

/** A page in the browser. */
export class Page {
  /** The addresses that the page asked for. */
  readonly asked: string[] = [];
  /** What stands in its console: errors, and what its policy refused. */
  readonly complaints: string[] = [];
  readonly #send: Send;

  constructor(send: Send) {
    this.#send = send;
  }

  hear(method: string, params: Readonly<Record<string, unknown>>): void {
    if (method === 'Network.requestWillBeSent') this.asked.push((params['request'] as { readonly url: string }).url);
    if (method === 'Runtime.exceptionThrown' || method === 'Log.entryAdded' || method === 'Runtime.consoleAPICalled')
      this.complaints.push(JSON.stringify(params));
    if (method === 'Page.javascriptDialogOpening') this.complaints.push(`a dialog: ${JSON.stringify(params)}`);
  }

  async open(url: string, { width, height, dark }: Window): Promise<void> {
    for (const domain of ['Network', 'Runtime', 'Log', 'Page']) await this.#send(`${domain}.enable`);
    await this.#send('Emulation.setDeviceMetricsOverride', {
      width,
      height,
      deviceScaleFactor: 1,
      mobile: width < 500,
    });
    await this.#send('Emulation.setEmulatedMedia', {
      features: [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }],
    });
    await this.#send('Page.navigate', { url });
  }

  /** The value of an expression of JavaScript in the page, which may do no more than the page itself. */
  async value<Value>(expression: string): Promise<Value> {
    const how = { returnByValue: true, allowUnsafeEvalBlockedByCSP: false };
    const { result, exceptionDetails } = await this.#send('Runtime.evaluate', { expression, ...how });
    if (exceptionDetails !== undefined) throw new Error(`${expression}: ${JSON.stringify(exceptionDetails)}`);
    return (result as { readonly value: Value }).value;
  }

  async key(key: string): Promise<void> {
    for (const type of ['keyDown', 'keyUp']) await this.#send('Input.dispatchKeyEvent', { type, key, code: key });
  }

  async pointAt(x: number, y: number): Promise<void> {
    await this.#send('Input.dispatchMouseEvent', { type: 'mouseMoved', x, y });
  }

  /** The whole page as a picture. */
  async picture(format: 'png' | 'webp'): Promise<Buffer> {
    const how = { format, ...(format === 'webp' ? { quality: 75 } : {}), captureBeyondViewport: true };
    const { data } = await this.#send('Page.captureScreenshot', how);
    return Buffer.from(String(data), 'base64');
  }
}
