import { randomBytes } from 'node:crypto';
import { type Answers, type AnswersInput, answersSchema } from '../../src/config/schema.ts';
import type { Secrets } from '../../src/config/secrets.ts';
import type { Context, InstallerStep } from '../../src/context.ts';
import type { Event } from '../../src/engine/event.ts';
import { type EffectRecord, type Runner, runStep } from '../../src/engine/run-step.ts';
import type { Outcome } from '../../src/engine/step.ts';
import type { Host } from '../../src/host/host.ts';
import { Secret } from '../../src/host/secret.ts';
import { layoutFor } from '../../src/layout.ts';
import { paperFoundry } from '../machine/paper/outside-world.ts';
import { paperHost } from '../machine/paper/paper-host.ts';
import { makePaperMachine, type PaperMachine, type PaperOptions } from '../machine/paper/paper-machine.ts';

/** A paper machine with a host on it and a context that uses everything there is to choose. */
export interface Scene {
  readonly machine: PaperMachine;
  readonly host: ReturnType<typeof paperHost>;
  readonly context: Context;
}

export async function makeScene(options: PaperOptions = {}): Promise<Scene> {
  const machine = await makePaperMachine(options);
  return { machine, host: paperHost(machine), context: contextFor(machine, fullAnswers(machine)) };
}

/** Both clouds, a failover target, a time zone: every part of the answers has a say. */
export function fullAnswers({ gatewayPort }: PaperMachine): AnswersInput {
  return {
    version: 1,
    system: { timezone: 'Europe/Berlin' },
    localModel: { address: '192.168.1.20', model: 'qwen/qwen3.6-35b-a3b', contextWindow: 65_536 },
    cloud: {
      anthropic: {
        models: {
          opus: 'claude-opus-5-5',
          sonnet: 'claude-sonnet-5-5',
          haiku: 'claude-haiku-5-5',
          fable: 'claude-fable-5-2',
        },
      },
      foundry: {
        resource: paperFoundry,
        deployments: { sonnet: 'claude-sonnet-4-6', haiku: { deployment: 'my-haiku', model: 'claude-haiku-4-5' } },
      },
      main: 'claude-sonnet-5-5',
    },
    failover: { allowed: true, target: 'claude-haiku-5-5' },
    gateway: { port: gatewayPort },
  };
}

export function contextFor(machine: PaperMachine, input: AnswersInput, secrets: Secrets = keysFor(machine)): Context {
  const answers: Answers = answersSchema.parse(input);
  return {
    answers,
    secrets,
    layout: layoutFor(machine.account, answers.gateway.port),
    machine: { architecture: 'amd64', hostName: 'paper', addresses: ['192.168.1.10'], earlierWrites: [] },
    handbook: { completion: { bash: '# bash\n', zsh: '# zsh\n', fish: '# fish\n' }, page: '.TH PAPER 1\n' },
  };
}

const gatewayKey = new Secret(`sk-CANARY${randomBytes(20).toString('hex')}`);

function keysFor({ world: { keys } }: PaperMachine): Secrets {
  return { gatewayKey, anthropicKey: new Secret(keys.anthropic), foundryKey: new Secret(keys.foundry) };
}

export interface Ran {
  readonly outcome: Outcome;
  readonly events: readonly Event[];
  readonly records: readonly EffectRecord[];
}

/** One step, as a run would do it. */
export async function runOne(
  step: InstallerStep,
  host: Host,
  context: Context,
  parts: Partial<Runner> = {},
): Promise<Ran> {
  const events: Event[] = [];
  const records: EffectRecord[] = [];
  const runner: Runner = {
    host,
    report: (event) => void events.push(event),
    record: async (record) => void records.push(record),
    confirm: async () => 'apply',
    cancelled: () => false,
    proofDue: () => true,
    explain: () => undefined,
    ...parts,
  };
  const outcome = await runStep(step, { id: step.id, title: step.title, number: 1, of: 1 }, context, runner);
  return { outcome, events, records };
}
