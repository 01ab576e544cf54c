import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { neighbourIn, wakeScript, wakeTrouble } from '../../../src/components/gateway/wake.ts';
import { macProblem, normaliseMac } from '../../../src/config/address.ts';
import type { Context } from '../../../src/context.ts';
import { steps } from '../../../src/registry/steps.ts';
import { contextFor, fullAnswers, makeScene, runOne, type Scene } from '../../registry/scene.ts';

const mac = '3c:7c:3f:12:ab:90';
const direct = '[{"dst":"192.168.1.20","dev":"eth0","prefsrc":"192.168.1.10","flags":[],"uid":1000,"cache":[]}]';

describe('the address of a network card', () => {
  it.each([mac, mac.toUpperCase(), '3c-7c-3f-12-ab-90', '3C7C3F12AB90'])('%s', (typed) => {
    expect(macProblem(typed)).toBeUndefined();
    expect(normaliseMac(typed)).toBe(mac);
  });
  it.each([
    ['', /six pairs/],
    ['3c:7c:3f:12:ab', /six pairs/],
    ['3c:7c:3f:12:ab:9g', /six pairs/],
    ['ff:ff:ff:ff:ff:ff', /group/],
    ['01:00:5e:00:00:01', /group/],
    ['00:00:00:00:00:00', /no network card/],
  ])('not %s', (typed, problem) => {
    expect(macProblem(typed)).toMatch(problem);
  });
});

describe('a neighbour', () => {
  it.each([
    ['that answered', direct, `[{"dst":"192.168.1.20","dev":"eth0","lladdr":"${mac}","state":["STALE"]}]`, { mac }],
    ['that did not', direct, '[{"dst":"192.168.1.20","dev":"eth0","state":["FAILED"]}]', {}],
    ['that nobody asked for', direct, '[]', {}],
    ['of a kernel that says nothing', direct, '', {}],
    ['behind a router', '[{"dst":"10.1.1.1","gateway":"192.168.1.1","dev":"eth0"}]', '[]', { router: '192.168.1.1' }],
    [
      'behind one of IPv6',
      '[{"dst":"10.1.1.1","via":{"family":"inet6","host":"fe80::1"}}]',
      '[]',
      { router: 'fe80::1' },
    ],
  ])('%s', (_, way, known, neighbour) => {
    expect(neighbourIn(way, known)).toEqual({ mac: undefined, router: undefined, ...neighbour });
  });
  it.each(['', 'Error: inet prefix is expected', '[]', '{}'])('that there is no way to: %j', (way) => {
    expect(neighbourIn(way, '')).toBeUndefined();
  });
});

describe('what keeps a box from being woken', () => {
  const wanted = { address: 'http://192.168.1.20:1234', wake: { mac, patience: 120 } };
  const other = '3c:7c:3f:12:ab:91';
  it.each([
    ['nothing', wanted, { mac, router: undefined }, []],
    ['nothing while it sleeps', wanted, { mac: undefined, router: undefined }, []],
    ['nothing that can be seen', wanted, undefined, []],
    ['nothing where it is not chosen', { address: wanted.address, wake: undefined }, { mac: other, router: 'x' }, []],
    ['another card', wanted, { mac: other, router: undefined }, ['wake-address-differs']],
    ['a router', wanted, { mac: undefined, router: '192.168.1.1' }, ['wake-impossible']],
  ])('%s', (_, chosen, neighbour, codes) => {
    expect(wakeTrouble(chosen, neighbour).map(({ code }) => code)).toEqual(codes);
  });
  it('is told with what to type', () => {
    const [found] = wakeTrouble(wanted, { mac: other, router: undefined });
    expect(found?.fix).toBe(`claude-routing-install --set localModel.wake.mac=${other}`);
  });
});

describe('what sends the packet', () => {
  it.each([
    ['http://192.168.1.20:1234', 'HOST = "192.168.1.20"'],
    ['https://box.example.org:1234', 'HOST = "box.example.org"'],
    ['http://[fd00::1]:1234', 'HOST = "fd00::1"'],
  ])('for %s', (address, line) => {
    const script = wakeScript(address, mac);
    expect(script).toContain(`${line}\nMAC = "${mac}"\n`);
    expect(script).not.toContain('{{');
  });
});

let scene: Scene;
beforeAll(async () => {
  scene = await makeScene();
});
afterAll(async () => await scene.machine.destroy());

function withWake(mac: string | undefined): Context {
  const answers = fullAnswers(scene.machine);
  return contextFor(scene.machine, {
    ...answers,
    localModel: { ...answers.localModel, ...(mac === undefined ? {} : { wake: { mac } }) },
  });
}

/** What was done for waking, as JSON. */
async function install(context: Context): Promise<string> {
  const ran = [];
  for (const step of steps) ran.push(await runOne(step, scene.host, context));
  const records = ran
    .flatMap((one) => one.records)
    .filter((record) => 'id' in record && /wake/.test(String(record.id)));
  return JSON.stringify(records.filter((record) => !/gateway/.test(String('id' in record && record.id))));
}

it('what wakes a box comes with the answer, follows it, and goes with it', async () => {
  const { wakeScript, wakeService, wakePath } = scene.context.layout;
  const texts = async () =>
    await Promise.all([wakeScript, wakeService, wakePath].map((path) => scene.host.readFile(path)));

  expect(await install(withWake(undefined))).toBe('[]');
  expect(await texts()).toEqual([undefined, undefined, undefined]);

  expect(await install(withWake('3C-7C-3F-12-AB-90'))).toContain('"enable","--now","claude-routing-wake.path"');
  expect(await texts()).toEqual([
    expect.stringContaining('MAC = "3c:7c:3f:12:ab:90"'),
    expect.stringContaining('wake.py'),
    expect.stringContaining('PathChanged='),
  ]);

  const changed = await install(withWake('3c:7c:3f:12:ab:91'));
  expect((await texts())[0]).toContain('MAC = "3c:7c:3f:12:ab:91"');
  expect(changed).not.toContain('systemctl');

  expect(await install(withWake(undefined))).toContain('"disable","--now","claude-routing-wake.path"');
  expect(await texts()).toEqual([undefined, undefined, undefined]);
});
