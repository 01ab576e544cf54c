import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { watchedHome } from '../end-to-end/watched-home.ts';
import { Browser, installBrowser, type Page } from './browser.ts';

let browser: Browser;

beforeAll(async () => {
  await installBrowser();
  browser = await Browser.start();
});

afterAll(async () => {
  await browser?.close();
});

/** Drawn anew with  PICTURES=write MACHINE_TESTS=all npx vitest run --project machine test/browser */
const picture = fileURLToPath(new URL('../../docs/pictures/watch-page.webp', import.meta.url));
const wide = { width: 1400, height: 900, dark: false };
const patience = { timeout: 30_000 };

/** The program with a log of its own, and where its page is. */
async function served(prepare: (env: { readonly HOME: string }) => Promise<void> = async () => undefined) {
  const home = await watchedHome();
  await prepare(home.env);
  const [node = '', ...words] = home.words;
  const program = spawn(node, [...words, 'page', '--json'], { env: { ...home.env, TZ: 'UTC' }, cwd: home.env.HOME });
  onTestFinished(() => void program.kill('SIGKILL'));
  const [line] = await once(program.stdout.setEncoding('utf8'), 'data');
  const { address } = JSON.parse(line) as { readonly address: string };
  return { ...home, program, address };
}

async function sees(page: Page, expression: string, expected: unknown): Promise<void> {
  await expect.poll(async () => await page.value(expression), patience).toEqual(expected);
}

const texts = (selector: string) =>
  `[...document.querySelectorAll(${JSON.stringify(selector)})].map((one) => one.textContent.trim())`;
const rows = texts('#rows .asked');
/** The browser has news of its own to ask for, whatever it shows. */
const ofPages = () => browser.outside.filter((line) => !/\bgoogle(?:apis)?\.com/.test(line));

it('shows what ends as it ends, and asks nobody else for anything', async () => {
  const { address, answer } = await served();
  const page = await browser.open(address, wide);
  await sees(page, rows, ['local first']);
  await sees(page, texts('#figures .value'), ['1', '$0.00', '4,711', '57']);
  answer('second', { asked: 'claude-sonnet-5-5', answered: 'claude-api:claude-sonnet-5-5', cost: 0.5, rule: 'mine' });
  await sees(page, rows, ['claude-sonnet-5-5 second', 'local first']);
  await sees(page, texts('#figures .value'), ['2', '$0.50', '9,422', '114']);
  expect(await page.value(texts('#rows tr:first-child td'))).toEqual([
    expect.stringMatching(/^✓ \d\d:\d\d:\d\d$/),
    ...['claude-sonnet-5-5 Claude API', 'claude-sonnet-5-5 second', 'mine', '4,711', '57', '0.8 s', '1.9 s'],
    ...['$0.5000', '200'],
  ]);
  expect(await page.value(texts('#gateway'))).toEqual([expect.stringMatching(/^✗ No gateway runs at/)]);
  expect(page.asked.length).toBeGreaterThan(2);
  expect(page.asked.filter((url) => url !== address && !url.startsWith(`${address}/state?seen=`))).toEqual([]);
  expect([page.complaints, ofPages()]).toEqual([[], []]);
});

it('runs nothing that stands in the log, and would be kept from it', async () => {
  const { address, answer } = await served();
  const canary = `</td><script>document.title='run'</script><img src=https://canary.example/1 onerror="alert(1)">`;
  answer(canary, { asked: canary, rule: canary, answered: `lm-studio:${canary}` });
  answer(canary, { answered: `claude-api:${canary}`, from: canary, cause: 'unreachable', cost: 1 });
  const page = await browser.open(address, wide);
  await sees(page, 'document.querySelectorAll("#rows tr").length', 3);
  expect(await page.value(texts('#rows tr:nth-child(2) .asked'))).toEqual([`${canary} ${canary}`]);
  expect(await page.value(texts('#rows tr:first-child .who'))).toEqual([expect.stringContaining(canary)]);
  expect(await page.value('[document.title, document.images.length, document.scripts.length]')).toEqual([
    'claude-routing',
    ...[0, 1],
  ]);
  expect([page.complaints, ofPages()]).toEqual([[], []]);

  await expect(page.value(`document.body.innerHTML = '<b>x</b>'`)).rejects.toThrow('TrustedHTML');
  await expect(page.value(`new Function('return 1')()`)).rejects.toThrow();
  await page.value(`fetch('http://canary.example/2').catch(() => 0); new Image().src = 'http://canary.example/3'; 0`);
  await expect.poll(() => page.complaints.join(' '), patience).toMatch(/canary\.example\/2.*canary\.example\/3/s);
  // The same from a page without such a policy would have been seen here.
  const other = await browser.open('data:text/html,<p>', wide);
  await other.value(`new Image().src = 'http://canary.example/4'; 0`);
  await expect.poll(ofPages, patience).toEqual([expect.stringContaining('canary.example/4')]);
});

it('draws the numbers of the log, tells each day of them, and has them as tables', async () => {
  const { address, answer } = await served();
  const yesterday = new Date(Date.now() - 24 * 3_600_000);
  const sonnet = { answered: 'claude-api:claude-sonnet-5-5', cost: 0.25 };
  for (let count = 0; count < 6; count += 1) answer('claude-local', {}, yesterday);
  for (let count = 0; count < 3; count += 1) answer('claude-routed', sonnet, yesterday);
  answer('claude-routed', sonnet);
  const page = await browser.open(address, wide);
  await sees(page, 'document.querySelectorAll("#rows tr").length', 2);
  const figure = 'document.querySelector("#plot-requests").closest("figure")';
  const tall = (look: string) =>
    `[...${figure}.querySelectorAll(".drawing rect.fill.${look}")].map((one) => Number(one.getAttribute("height")) + 1)`;
  const [six = 0, one = 0] = await page.value<readonly number[]>(tall('local'));
  const [three = 0, again = 0] = await page.value<readonly number[]>(tall('anthropic'));
  expect([six / one, three / one, again / one].map(Math.round)).toEqual([6, 3, 1]);
  expect(await page.value(texts('figure:first-child tbody tr:nth-child(-n+3) td'))).toEqual([
    ...['1', '1', '2', '6', '3', '9', '0', '0', '0'],
  ]);
  const said = '[...document.querySelectorAll(".drawing")].map((one) => one.getAttribute("aria-valuetext"))';
  const label = (date: Date) => date.toLocaleDateString('en-US', { month: 'short', day: 'numeric', timeZone: 'UTC' });
  const [today, before] = [label(new Date()), label(yesterday)];
  expect(await page.value(said)).toEqual([
    `${today}: local 1, Claude API 1, together 2`,
    `${today}: Claude API $0.25`,
    `${today}: read anew 9,422, from a cache 0, together 9,422`,
    `${today}: written 114`,
    expect.stringMatching(`^${today}: half \\(p50\\) 0.8 s, 95 % \\(p95\\) 0.8 s$`),
    expect.stringMatching(`^${today}: half`),
  ]);
  await page.value(`${figure}.querySelector(".drawing").focus()`);
  await page.key('ArrowLeft');
  await sees(page, `${said}.slice(0, 2)`, [
    `${before}: local 6, Claude API 3, together 9`,
    `${before}: Claude API $0.75`,
  ]);
  expect(await page.value(texts('figure:nth-child(2) .legend'))).toEqual(['Claude API $0.75']);
  await page.key('End');
  await sees(page, `${said}[3]`, `${today}: written 114`);
  expect(page.complaints).toEqual([]);
});

/** A gateway that is up, as far as anybody can tell who asks it without a key. */
async function gatewayPort(): Promise<number> {
  const ready = createServer((_request, response) => response.end('{"status":"healthy","db":"Not connected"}'));
  await new Promise<void>((resolve) => ready.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void ready.close());
  return (ready.address() as { readonly port: number }).port;
}

/** The last days of somebody who works on weekdays, the latest hour at length. */
function busyDays(answer: Awaited<ReturnType<typeof served>>['answer']): void {
  const ways = [
    { slow: 5200, launcher: 'claude-local', promptTokens: 21_000, cachedTokens: 17_500, rule: 'titles at home' },
    { slow: 900, asked: 'claude-sonnet-5-5', answered: 'claude-api:claude-sonnet-5-5', cost: 0.2412 },
    { slow: 9300, launcher: 'claude-offline', asked: 'anthropic-local', promptTokens: 34_000 },
    { slow: 600, asked: 'claude-haiku-4-5', answered: 'foundry:claude-haiku-4-5', cost: 0.0061, cachedTokens: 3900 },
    { slow: 700, answered: 'claude-api:claude-haiku-4-5', from: 'lm-studio:local', cause: 'unreachable', cost: 0.0083 },
  ];
  for (let ago = 29; ago >= 0; ago -= 1) {
    const day = new Date(Date.now() - ago * 24 * 3_600_000);
    const often = [0, 6].includes(day.getUTCDay()) ? 6 : 22 + ((ago * 7) % 31);
    for (let count = often; count > 0; count -= 1) {
      const { slow = 0, ...way } = ways[(count * (ago + 3)) % 7 < 4 ? 0 : count % 5] ?? {};
      const firstMs = slow + ((count * 397 + ago * 131) % slow);
      const sizes = { firstMs, ms: firstMs + 1800 + count * 37, outputTokens: 40 + ((count * 53) % 700) };
      const at = new Date(day.getTime() - count * 40_000);
      answer('claude-routed', { ...sizes, ...way, dayPercent: 43, monthPercent: 61 }, at);
    }
  }
}

it('tells how the gateway is, who waits, and how much of the ceilings is spent', async () => {
  const { address, answer, env } = await served(async ({ HOME }) => {
    const folder = `${HOME}/.config/claude-routing`;
    mkdirSync(folder, { recursive: true });
    const spending = { perDay: 2, perMonth: 40 };
    const answers = { version: 1, localModel: { address: '10.0.0.5' }, cloud: { anthropic: {} }, spending };
    writeFileSync(`${folder}/answers.yaml`, JSON.stringify({ ...answers, gateway: { port: await gatewayPort() } }));
  });
  busyDays(answer);
  const page = await browser.open(address, { width: 1200, height: 900, dark: false });
  await sees(page, texts('#gateway').replace(/$/, '.map((one) => one.slice(0, 17))'), ['✓ gateway answers']);
  await sees(page, `${texts('#figures dt')}.slice(2, 4)`, ['Ceiling for a day', 'Ceiling for a month']);
  await sees(page, '[...document.querySelectorAll("meter")].map((one) => one.value)', [43, 61]);
  expect(await page.value(texts('.limit-words'))).toEqual(['ceiling $2.00']);
  if (process.env['PICTURES'] === 'write') writeFileSync(picture, await page.picture('webp'));
  const one = { kind: 'conversation', agent: null, seconds: 4 };
  const waiting = [one];
  const servers = [{ server: '10.0.0.5:1234', slots: 1, running: 1, waiting }];
  const queue = { v: 1, at: new Date().toISOString(), servers, waking: { server: '10.0.0.4:1234', waiting } };
  writeFileSync(`${env.HOME}/.local/state/claude-routing/requests/queue.json`, JSON.stringify(queue));
  await sees(page, texts('#waiting li'), [
    'Queued at 10.0.0.5:1234, which answers 1 at once: 1st conversation 4 s',
    'Waking 10.0.0.4:1234, held for it: conversation 4 s',
  ]);
  expect(page.complaints).toEqual([]);
});

it('says what to type where the log cannot be read, and goes on where it can', async () => {
  const { address, env } = await served();
  const month = new Date(Date.now() - 20 * 24 * 3_600_000).toISOString().slice(0, 7);
  const broken = `${env.HOME}/.local/state/claude-routing/requests/${month}.jsonl.gz`;
  writeFileSync(broken, 'no archive');
  const page = await browser.open(address, wide);
  await sees(page, texts('#gateway'), [
    expect.stringMatching(/^✗ the log cannot be read: type {2}claude-routing-install usage/),
  ]);
  rmSync(broken);
  await sees(page, rows, ['local first']);
});

it('says plainly that there is nothing, and that it has ended', async () => {
  const { address, program } = await served();
  const page = await browser.open(address, wide);
  await sees(page, texts('#plots .empty:not([hidden])'), [
    'Nothing was paid for: no cloud has answered in these days.',
    'No cloud has streamed an answer in these days.',
  ]);
  program.kill('SIGINT');
  await sees(page, texts('#gateway'), [
    '✗ no connection: “watch page” has ended on the machine, or the tunnel to it is closed',
  ]);
  const stale = await browser.open(address.replace(/\w$/, '-'), wide);
  expect(await stale.value(texts('tr'))).toEqual([]);
});

/** Contrast of a text with what lies under it. Source: WCAG 2.2, relative luminance. */
const contrasts = `(() => {
  const luminance = (colour) => {
    const parts = colour.match(/[\\d.]+/g).slice(0, 3).map((part) => part / 255);
    const [r, g, b] = parts.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (one) => {
    for (let above = one; above; above = above.parentElement)
      if (!/, 0\\)$|^transparent$/.test(getComputedStyle(above).backgroundColor)) return getComputedStyle(above).backgroundColor;
    return 'rgb(255, 255, 255)';
  };
  const seen = [...document.querySelectorAll('h1, h2, h3, p, dt, dd span, th, td, li, text, summary, footer, .why')];
  return seen.filter((one) => one.getClientRects().length > 0).map((one) => {
    const style = getComputedStyle(one);
    const [a, b] = [luminance(one instanceof SVGElement ? style.fill : style.color), luminance(ground(one))].sort((x, y) => y - x);
    return [Math.round(((a + 0.05) / (b + 0.05)) * 10) / 10, one.textContent.slice(0, 40)];
  }).filter(([ratio]) => ratio < 4.5);
})()`;

it.each(
  [320, 360, 800, 1100, 1400, 2560].flatMap((width) => [
    { width, height: 900, dark: false },
    { width, height: 900, dark: true },
  ]),
)('fits into $width pixels and can be read, dark: $dark', async (window) => {
  const { address, answer } = await served();
  const long = 'aNameWithoutABlank'.repeat(10);
  answer(long, { asked: long, rule: long, answered: null, cause: 'timeout', status: 504 });
  answer('drill', { answered: 'foundry:claude-haiku-4-5', cost: 12.5, promptTokens: 123_456_789, cachedTokens: 9999 });
  answer('x', { answered: 'claude-api:y', from: 'lm-studio:local', cause: 'unreachable', cost: null, ms: 999_999 });
  const page = await browser.open(address, window);
  await sees(page, 'document.querySelectorAll("#rows tr").length', 4);
  await sees(page, 'document.querySelectorAll(".drawing rect.chosen").length', 6);
  for (const part of ['document.documentElement', 'document.getElementById("requests")'])
    expect(await page.value(`${part}.scrollWidth - ${part}.clientWidth`), part).toBe(0);
  expect(await page.value(contrasts)).toEqual([]);
  const outside = `[...document.querySelectorAll('.drawing text')].filter((one) => {
    const [text, room] = [one.getBoundingClientRect(), one.closest('.drawing').getBoundingClientRect()];
    return text.left < room.left - 1 || text.right > room.right + 1;
  }).map((one) => one.textContent)`;
  expect(await page.value(outside)).toEqual([]);
  expect(page.complaints).toEqual([]);
});
