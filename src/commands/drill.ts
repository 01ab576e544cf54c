import { Command } from '@commander-js/extra-typings';
import type { Context } from '../context.ts';
import type { Clues } from '../drill/cause.ts';
import type { DrillCase } from '../drill/drill-case.ts';
import { drillPlan } from '../drill/drill-plan.ts';
import { announcement, notCovered, summaryOf, verdictLine } from '../drill/report.ts';
import { fallbacksIn } from '../drill/throw-away.ts';
import type { Tried } from '../drill/tried.ts';
import type { Journal } from '../engine/journal.ts';
import { Cancelled, planStep } from '../engine/run-step.ts';
import { LOCAL, LOCAL_ONLY } from '../render/gateway-models.ts';
import { identifyServer } from '../services/local-server.ts';
import { gateway } from '../steps/gateway.ts';
import { agreed } from './agreed.ts';
import { stoppedBy } from './apply.ts';
import { type Declaration, examples } from './command-line/command.ts';
import { answersFile, setting, yes } from './command-line/options.ts';
import { type Drilling, tryRunning, tryThrownAway } from './drill-parts.ts';
import { drillTeller } from './drill-teller.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { installed } from './installed.ts';
import type { Program } from './program.ts';
import { underLock } from './under-lock.ts';

/** `drill` */
export const drillCommand: Declaration = (begin) =>
  new Command('drill')
    .summary('prove it: real requests, and every failover case')
    .description(
      'Proves with real requests what was promised, and every failover case in a second gateway that is thrown away. Says first what it will send and cost.',
    )
    .addOption(yes())
    .addOption(answersFile())
    .addOption(setting())
    .addHelpText('after', examples('drill', 'drill --yes --json'))
    .action(() => begin({ touches: 'machine', run: drill }));

/** Proves on this machine what was promised: what answers, what happens when the local model fails, and that nothing leaks. */
export async function drill(program: Program): Promise<ExitCode> {
  const context = await installed(program);
  const plan = drillPlan(context.answers);
  if (!(await mayAsk(program, context, plan))) return exitCodes.done;
  return await underLock(program, 'drill', async (journal) => await runDrill(program, context, plan, journal));
}

/** It spends money, if little: somebody has to agree. */
async function mayAsk(program: Program, { answers }: Context, plan: readonly DrillCase[]): Promise<boolean> {
  if (!program.ui.forPrograms) for (const line of announcement(answers, plan)) program.ui.say(line);
  const problem = 'there is nobody to agree to these requests: standard input is not a terminal';
  return await agreed(program, { problem, no: 'no, try nothing' });
}

async function runDrill(
  program: Program,
  context: Context,
  plan: readonly DrillCase[],
  journal: Journal,
): Promise<ExitCode> {
  const started = performance.now();
  const teller = drillTeller(program);
  const clues = await program.ui.busy('looking at this machine', cluesOn(program, context));
  const inPart = (part: DrillCase['part']) => plan.filter((drilled) => drilled.part === part);
  const drilling: Drilling = { program, context, clues, teller, journal };
  const running = await tryRunning(drilling, inPart('gateway'));
  try {
    const staged = await program.signals.shield(async () => await tryThrownAway(drilling, inPart('throw-away')));
    return tellEnd(program, context, [...running, ...staged], performance.now() - started);
  } catch (error) {
    if (error instanceof Cancelled) return tellStopped(program);
    throw error;
  }
}

/** Looks for what can explain a promise that does not hold. */
export async function cluesOn({ host }: Program, context: Context): Promise<Clues> {
  const { layout, answers, secrets } = context;
  const [planned, server, config] = await Promise.all([
    planStep(gateway, context, host),
    identifyServer(host, answers.localModel.address, secrets.localModelToken),
    host.readFile(layout.gatewayConfig),
  ]);
  return {
    drift: planned.filter(({ plan }) => plan.status !== 'ok').map(({ resource }) => resource.title),
    fallbacks: { local: fallbacksIn(config ?? '', LOCAL), strict: fallbacksIn(config ?? '', LOCAL_ONLY) },
    configPath: layout.gatewayConfig,
    containerName: layout.containerName,
    local: server.ok ? undefined : server.problem,
  };
}

function tellEnd(program: Program, { answers }: Context, tried: readonly Tried[], ms: number): ExitCode {
  const { ui } = program;
  const summary = summaryOf(tried, ms);
  const uncovered = notCovered(answers);
  ui.result('verdict', { ...summary, notCovered: uncovered }, () => {
    ui.say('');
    ui.say('Not covered', 'strong');
    for (const line of uncovered) ui.say(`  ${line}`, 'dim');
    ui.say('');
    const { text, tone } = verdictLine(summary);
    ui.say(text, tone);
  });
  return summary.holds ? exitCodes.done : exitCodes.stopped;
}

function tellStopped(program: Program): ExitCode {
  program.ui.say('Stopped, as you asked. The throw-away gateway is gone, and nothing else was touched.', 'warning');
  return stoppedBy(program);
}
