import { describe, expect, it } from 'vitest';
import type { Event } from '../../src/engine/event.ts';
import { beginAhead, Cancelled, type EffectRecord, planStep, type Runner, runStep } from '../../src/engine/run-step.ts';
import type { CheckResult, Proof, Step } from '../../src/engine/step.ts';
import type { RunCommand } from '../../src/host/host.ts';
import { failure, success } from '../../src/problem.ts';
import type { Resource, ScriptFound } from '../../src/resources/resource.ts';
import { FakeHost } from '../machine/doubles/fake-host.ts';

const name = { id: 'step', title: 'the step', number: 1, of: 1 };
const context = undefined;

function command(file: string): RunCommand {
  return { do: 'run', why: `call ${file}`, command: { file, args: [] } };
}

function file(path: string, text: string): Resource {
  return { kind: 'file', id: `start-up-file:${path}`, title: path, path, content: text, mode: 0o644 };
}

function script(title: string, inspect: () => ScriptFound, ...effects: RunCommand[]): Resource {
  return { kind: 'script', id: 'tools', title, inspect: async () => inspect(), effects };
}

/** Needed until its command has run. */
function untilRun(host: FakeHost, program: string): Resource {
  return script(
    program,
    () =>
      host.asked.includes(program)
        ? { status: 'ok', note: 'has run' }
        : { status: 'change', summary: `run ${program}` },
    command(program),
  );
}

function step(parts: Partial<Step<undefined>>): Step<undefined> {
  return { id: 'step', title: 'the step', guidePhase: 'phase 0', why: 'because', resources: () => [], ...parts };
}

interface Watched extends Runner {
  readonly events: Event[];
  readonly records: EffectRecord[];
  readonly asked: string[];
}

function watch(host: FakeHost, parts: Partial<Runner> = {}): Watched {
  const events: Event[] = [];
  const records: EffectRecord[] = [];
  const asked: string[] = [];
  return {
    host,
    events,
    records,
    asked,
    report: (event) => void events.push(event),
    record: async (record) => void records.push(record),
    confirm: async ({ id }) => {
      asked.push(id);
      return 'apply';
    },
    cancelled: () => false,
    proofDue: () => false,
    explain: () => undefined,
    ...parts,
  };
}

const run = async (parts: Partial<Step<undefined>>, runner: Runner = watch(new FakeHost())) =>
  await runStep(step(parts), name, context, runner);
const inTheWay = { code: 'port-taken', problem: 'p', fix: 'f' } as const;
const check = (finding: CheckResult) => ({ name: 'a check', run: async () => finding });
const proof = (parts: Partial<Proof<undefined>> = {}): Proof<undefined> => ({
  name: 'a proof',
  run: async () => success({ note: 'so it is' }),
  ...parts,
});

describe('a step that has nothing to change', () => {
  it('is in place, asks nobody and performs nothing', async () => {
    const host = new FakeHost({ '/etc/a': 'text' });
    const runner = watch(host);
    const outcome = await run({ resources: () => [file('/etc/a', 'text')] }, runner);
    expect([outcome, runner.asked, host.performed, runner.records]).toEqual([{ status: 'in-place' }, [], [], []]);
  });

  it('runs only the proofs that are always run', async () => {
    const tried: string[] = [];
    const noting = (id: string, always: boolean) => {
      const note = async () => {
        tried.push(id);
        return success({ note: id });
      };
      return proof({ name: id, always, run: note });
    };
    await run({ proofs: [noting('cheap', true), noting('dear', false)] });
    expect(tried).toEqual(['cheap']);
  });

  it('runs all of them when the whole was never proven and it speaks for the whole', async () => {
    const outcome = await run(
      { provesEverything: true, proofs: [proof()] },
      watch(new FakeHost(), { proofDue: () => true }),
    );
    expect(outcome).toEqual({ status: 'proven' });
  });

  it('is not needed where the answers say so, whatever else is wrong', async () => {
    const stopping = step({ notNeeded: () => 'not chosen', requires: [check({ status: 'stop', ...inTheWay })] });
    expect(await runStep(stopping, name, context, watch(new FakeHost()))).toEqual({
      status: 'not-needed',
      reason: 'not chosen',
    });
  });
});

describe('a step that changes something', () => {
  it('asks once, performs in order, and tells and records each effect before and after', async () => {
    const host = new FakeHost({ '/etc/a': 'old' }).tell('first').tell('second');
    const runner = watch(host);
    const resources = () => [untilRun(host, 'first'), file('/etc/a', 'new'), untilRun(host, 'second')];
    const outcome = await run({ resources, proofs: [proof()] }, runner);
    expect(outcome).toEqual({ status: 'done', changes: 3 });
    expect(runner.asked).toEqual(['step']);
    expect(host.performed.map((effect) => (effect.do === 'run' ? effect.command.file : effect.do))).toEqual([
      'first',
      'write',
      'second',
    ]);
    expect(runner.records.map(({ state, resource }) => `${state} ${resource}`)).toEqual([
      'begun first',
      'done first',
      'begun /etc/a',
      'done /etc/a',
      'begun second',
      'done second',
    ]);
    expect(runner.records[3]?.backup).toBe('/backups/etc/a');
    const effect = ['effect-began', 'effect-ended'];
    const planned = ['planned', 'planned', 'planned'];
    const told = [...planned, ...effect, ...effect, ...effect, 'waiting', 'proven'];
    expect(runner.events.map(({ type }) => type)).toEqual(told);
  });

  it('plans again before each resource, so that what came true on the way is not done twice', async () => {
    const host = new FakeHost().tell('both');
    const both = (): ScriptFound =>
      host.asked.includes('both') ? { status: 'ok', note: 'there' } : { status: 'change', summary: 'run both' };
    const outcome = await run(
      { resources: () => [script('one', both, command('both')), script('two', both, command('both'))] },
      watch(host),
    );
    expect([outcome, host.asked]).toEqual([{ status: 'done', changes: 1 }, ['both']]);
  });

  it('goes a second round for what an earlier resource was waiting for', async () => {
    const host = new FakeHost().tell('late').tell('early');
    const late = script(
      'late',
      () =>
        host.asked.includes('late')
          ? { status: 'ok', note: 'ran' }
          : host.asked.includes('early')
            ? { status: 'change', summary: 'now' }
            : { status: 'later', waitsFor: 'early' },
      command('late'),
    );
    const outcome = await run({ resources: () => [late, untilRun(host, 'early')] }, watch(host));
    expect([outcome, host.asked]).toEqual([{ status: 'done', changes: 2 }, ['early', 'late']]);
  });

  it('asks its resources anew in the second round, with what can be seen then', async () => {
    const host = new FakeHost().tell('pull');
    const resources = () => [
      untilRun(host, 'pull'),
      ...(host.asked.includes('pull') ? [file('/pinned', 'digest')] : []),
    ];
    host.put('/other', 'x');
    const outcome = await run({ resources }, watch(host.put('', { text: undefined, kind: 'directory' })));
    expect(outcome).toEqual({ status: 'done', changes: 2 });
  });
});

describe('a step that does not get through', () => {
  it('stops at a failed check before it looks at anything else', async () => {
    const resources = () => {
      throw new Error('must not be asked');
    };
    const outcome = await run({ resources, requires: [check({ status: 'stop', ...inTheWay })] });
    expect(outcome).toMatchObject({ status: 'stopped', ...inTheWay });
  });

  it('tells a warning and goes on', async () => {
    const runner = watch(new FakeHost());
    const outcome = await run({ requires: [check({ status: 'warning', ...inTheWay })] }, runner);
    expect(outcome).toEqual({ status: 'in-place' });
    expect(runner.events).toMatchObject([{ type: 'check-warned', check: 'a check', finding: inTheWay }]);
  });

  it('performs nothing when one of its resources is blocked', async () => {
    const host = new FakeHost();
    const blocked = script('blocked', () => ({ status: 'blocked', ...inTheWay }));
    const outcome = await run({ resources: () => [untilRun(host, 'first'), blocked] }, watch(host));
    expect([outcome, host.performed]).toEqual([{ status: 'stopped', ...inTheWay }, []]);
  });

  it('stops when something comes in the way on the way', async () => {
    const host = new FakeHost().tell('first');
    const later = script('later', () =>
      host.asked.includes('first') ? { status: 'blocked', ...inTheWay } : { status: 'later', waitsFor: 'first' },
    );
    const outcome = await run({ resources: () => [untilRun(host, 'first'), later] }, watch(host));
    expect(outcome).toEqual({ status: 'stopped', ...inTheWay });
  });

  it('performs nothing when the person skips it', async () => {
    const host = new FakeHost();
    const outcome = await run(
      { resources: () => [untilRun(host, 'first')] },
      watch(host, { confirm: async () => 'skip' }),
    );
    expect([outcome, host.performed]).toEqual([{ status: 'declined' }, []]);
  });

  it('performs nothing when the person stops there', async () => {
    const host = new FakeHost();
    const running = run({ resources: () => [untilRun(host, 'first')] }, watch(host, { confirm: async () => 'stop' }));
    await expect(running).rejects.toBeInstanceOf(Cancelled);
    expect(host.performed).toEqual([]);
  });

  it('finishes the effect in hand when it is cancelled, and begins no other', async () => {
    const host = new FakeHost().tell('first').tell('second');
    const runner = watch(host, { cancelled: () => host.asked.length > 0 });
    const running = run({ resources: () => [untilRun(host, 'first'), untilRun(host, 'second')] }, runner);
    await expect(running).rejects.toBeInstanceOf(Cancelled);
    expect(host.asked).toEqual(['first']);
    expect(runner.records.map(({ state }) => state)).toEqual(['begun', 'done']);
  });

  it('asks about nothing more once it is cancelled', async () => {
    const host = new FakeHost();
    const runner = watch(host, { cancelled: () => true });
    const running = run({ resources: () => [untilRun(host, 'first')] }, runner);
    await expect(running).rejects.toBeInstanceOf(Cancelled);
    expect([runner.asked, runner.records]).toEqual([[], []]);
  });

  it('concludes nothing from a look or a command that the same Ctrl-C ended', async () => {
    const stop = check({ status: 'stop', code: 'rootless-impossible', problem: 'p', fix: 'f' });
    const broken = new FakeHost().tell('first', { exitCode: 126 });
    const cases = [
      run({ requires: [stop] }, watch(new FakeHost(), { cancelled: () => true })),
      run(
        { resources: () => [untilRun(broken, 'first')] },
        watch(broken, { cancelled: () => broken.asked.length > 0 }),
      ),
    ];
    for (const running of cases) await expect(running).rejects.toBeInstanceOf(Cancelled);
  });

  it('says so when everything was done and it did not last', async () => {
    const host = new FakeHost().tell('vain');
    const outcome = await run(
      { resources: () => [script('vain', () => ({ status: 'change', summary: 'again' }), command('vain'))] },
      watch(host),
    );
    expect(outcome).toMatchObject({
      status: 'stopped',
      problem: expect.stringContaining(
        'vain is still not as it should be after everything was done: the change did not last',
      ),
    });
    expect(host.asked).toHaveLength(3);
  });

  it('says what it still waits for', async () => {
    const host = new FakeHost().tell('first');
    const waiting = script('engine', () => ({ status: 'later', waitsFor: 'the packages' }));
    const outcome = await run({ resources: () => [untilRun(host, 'first'), waiting] }, watch(host));
    expect(outcome).toMatchObject({
      problem: expect.stringContaining(
        'engine is still not as it should be after everything was done: it still waits for the packages',
      ),
    });
  });

  it('records a failed effect and shows what the program said', async () => {
    const host = new FakeHost().tell('first', { exitCode: 100, stderr: 'E: something\nE: the last line' });
    const runner = watch(host);
    const outcome = await run({ resources: () => [untilRun(host, 'first'), untilRun(host, 'second')] }, runner);
    expect(outcome).toMatchObject({
      status: 'stopped',
      problem: 'first: first ended with exit code 100: E: the last line',
      fix: expect.stringContaining('goes on where it stopped'),
    });
    expect(runner.records.map(({ state }) => state)).toEqual(['begun', 'failed']);
    expect(runner.events.at(-1)).toMatchObject({ type: 'effect-failed', output: ['E: something', 'E: the last line'] });
  });

  it('puts a failure that is known into words', async () => {
    const host = new FakeHost().tell('first', { exitCode: 1 });
    const outcome = await run({ resources: () => [untilRun(host, 'first')] }, watch(host, { explain: () => inTheWay }));
    expect(outcome).toEqual({ status: 'stopped', ...inTheWay });
  });

  it('stops at a proof that does not hold', async () => {
    const outcome = await run({ proofs: [proof({ always: true, run: async () => failure(inTheWay) })] });
    expect(outcome).toEqual({ status: 'stopped', ...inTheWay });
  });

  it('goes on past a proof that holds with a warning, and tells it', async () => {
    const runner = watch(new FakeHost());
    const warned = proof({ always: true, run: async () => success({ note: 'by the failover', warning: inTheWay }) });
    expect(await run({ proofs: [warned] }, runner)).toEqual({ status: 'in-place' });
    expect(runner.events.map(({ type }) => type)).toEqual(['waiting', 'proven', 'proof-warned']);
  });

  it('lets an error that nobody foresaw through', async () => {
    const resources = () => {
      throw new Error('a mistake');
    };
    await expect(run({ resources })).rejects.toThrow('a mistake');
  });
});

it('a plan performs nothing and gives the very effects that a run would perform', async () => {
  const host = new FakeHost().tell('first');
  const wanted = step({ resources: () => [untilRun(host, 'first'), file('/etc/a', 'new')] });
  host.put('/etc/other', '');
  const planned = (await planStep(wanted, context, host)).flatMap(({ plan }) =>
    plan.status === 'change' ? plan.effects : [],
  );
  expect(host.performed).toEqual([]);
  await runStep(wanted, name, context, watch(host));
  expect(host.performed).toEqual(planned);
});

describe('what a later step can begin', () => {
  const begun = (host: FakeHost, parts: Partial<Step<undefined>> = {}) =>
    step({ ahead: () => untilRun(host, 'fetch'), ...parts });

  it('is begun once it can be, recorded like any other effect, and asks nobody', async () => {
    const host = new FakeHost().tell('fetch');
    const runner = watch(host);
    expect(await beginAhead(begun(host), name, context, runner)).toBe('begun');
    expect(runner.records.map(({ state, id }) => [state, id])).toEqual([
      ['begun', 'tools'],
      ['done', 'tools'],
    ]);
    expect(runner.asked).toEqual([]);
    expect(await beginAhead(begun(host), name, context, watch(host))).toBe('not yet');
  });

  const later = () => script('fetch', () => ({ status: 'later', waitsFor: 'an engine' }), command('fetch'));
  const refused = [check({ status: 'stop', ...inTheWay })];
  it.each<[string, Partial<Step<undefined>>, Partial<Runner>]>([
    ['that is not needed', { notNeeded: () => 'not chosen' }, {}],
    ['whose requirements are not met', { requires: refused }, {}],
    ['that still waits for something', { ahead: later }, {}],
    ['of a run that the person stopped', {}, { cancelled: () => true }],
  ])('is left alone in a step %s', async (_, parts, runner) => {
    const host = new FakeHost();
    expect(await beginAhead(begun(host, parts), name, context, watch(host, runner))).toBe('not yet');
    expect(host.performed).toEqual([]);
  });

  it('stops its step where it is made to fail', async () => {
    const host = new FakeHost().tell('fetch', { exitCode: 1 });
    const runner = watch(host);
    expect(await beginAhead(begun(host), name, context, runner)).toMatchObject({
      status: 'stopped',
      code: 'command-failed',
    });
    expect(runner.records.at(-1)?.state).toBe('failed');
  });
});
