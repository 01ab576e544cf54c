/**
 * Whether the gateway takes a connection that the other side has just closed for a failure of the other side: bursts of requests
 * after idle times around the servers' keep-alive, to LM Studio and both clouds, whole and streamed; then restarts, connections
 * that died in silence, and many clients at once.
 *
 *     npm run bench connections [idle | accidents | crowd] [bursts of fifty, or thousands of requests]
 *
 * Needs root and half an hour for all of them. Prints a table in Markdown; ends with 1 when a healthy server was passed by.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, claudeRequest } from '../messages-client.ts';
import { type Scene, setScene } from '../scene.ts';

const part = process.argv[2] ?? 'all';
const bursts = Number(process.argv[3] ?? 9);
const crowd = 1000 * Number(process.argv[3] ?? 3);
const CLIENTS = 50;
const places = { local: 'on LM Studio', 'claude-haiku': 'on the Claude API', 'foundry-haiku': 'on Microsoft Foundry' };
type Name = keyof typeof places;
const names = Object.keys(places) as Name[];

/** What came of one request: `right`, or who answered instead, or the error. */
async function outcome(scene: Scene, name: Name, stream: boolean): Promise<string> {
  const reply = await ask(scene.gateway, claudeRequest(name, 'hello', { stream })).catch(String);
  if (typeof reply === 'string') return reply;
  if (reply.error !== undefined || reply.status !== 200) return `HTTP ${reply.status}: ${reply.error?.slice(0, 160)}`;
  return reply.text.includes(places[name]) ? 'right' : `answered by another: ${reply.text.slice(0, 60)}`;
}

function burst(scene: Scene, name: Name): Promise<string[]> {
  return Promise.all(Array.from({ length: CLIENTS }, (_, index) => outcome(scene, name, index % 2 === 0)));
}

let wrong = 0;

function told(what: string, name: string, outcomes: readonly string[], milliseconds?: number): void {
  const others = outcomes.filter((one) => one !== 'right');
  wrong += others.length;
  const kinds = [...new Set(others)].slice(0, 3).join('; ');
  const time = milliseconds === undefined ? '' : `, ${Math.round(milliseconds)} ms each`;
  console.log(`| ${what} | ${name} | ${others.length} of ${outcomes.length}${time} | ${kinds} |`);
}

/** Bursts after idle times spread evenly from `least` to `most` seconds. */
async function afterIdleness(scene: Scene, what: string, least: number, most: number): Promise<void> {
  for (const name of names) {
    const outcomes: string[] = [];
    for (let index = 0; index <= bursts; index += 1) {
      if (index > 0) await sleep(1000 * (least + ((most - least) * (index - 0.5)) / bursts));
      const came = await burst(scene, name);
      if (index > 0) outcomes.push(...came);
    }
    told(`${what}, idle for ${least} to ${most} s`, name, outcomes);
  }
}

async function afterAccidents(scene: Scene): Promise<void> {
  const port = (url: string): number => Number(new URL(url).port);
  const { local, claude, azure } = scene.urls;
  const accidents: Record<string, (name: Name) => Promise<unknown>> = {
    'restarted meanwhile': async (name) =>
      name === 'local' ? scene.stopLmStudio().then(scene.startLmStudio) : scene.restartClouds(),
    'connections silently dead': (name) =>
      scene.wire.severConnections(port(name === 'local' ? local : name === 'claude-haiku' ? claude : azure)),
    'connections dead, reset when used': (name) =>
      scene.wire.severConnections(port(name === 'local' ? local : name === 'claude-haiku' ? claude : azure), 'reset'),
  };
  for (const [what, happen] of Object.entries(accidents)) {
    for (const name of names) {
      await burst(scene, name);
      await happen(name);
      const started = performance.now();
      const outcomes = await burst(scene, name);
      told(what, name, outcomes, (performance.now() - started) / 1);
    }
  }
}

async function manyAtOnce(scene: Scene): Promise<void> {
  for (const name of names) {
    const outcomes: string[] = [];
    const started = performance.now();
    const client = async (): Promise<void> => {
      while (outcomes.length < crowd) {
        const index = outcomes.push('under way') - 1;
        outcomes[index] = await outcome(scene, name, index % 2 === 0);
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, client));
    told(`${CLIENTS} clients at once`, name, outcomes, (performance.now() - started) / outcomes.length);
  }
}

console.log('| the servers | asked for | wrong | what came instead |\n|---|---|---|---|');
const wanted = (name: string): boolean => part === name || part === 'all';

for (const keepAliveMilliseconds of [5000, 1000]) {
  if (keepAliveMilliseconds < 5000 && !wanted('idle')) continue;
  const scene = await setScene({ keepAliveMilliseconds });
  try {
    const what = `keep-alive of ${keepAliveMilliseconds / 1000} s`;
    for (const name of names) await burst(scene, name);
    if (wanted('idle')) {
      await afterIdleness(scene, what, 0.9, 1.1);
      await afterIdleness(scene, what, 4.3, 5.0);
    }
    if (keepAliveMilliseconds === 5000 && wanted('accidents')) await afterAccidents(scene);
    if (keepAliveMilliseconds === 5000 && wanted('crowd')) await manyAtOnce(scene);
  } finally {
    await scene.close();
  }
}
process.exitCode = wrong === 0 ? 0 : 1;
