import { modelPrices } from '../../components/gateway/requests/prices.ts';
import { rulesProblem } from '../../components/gateway/routing/rules.ts';
import { type ExitCode, exitCodes } from '../../session/exit-codes.ts';
import { savedAnswers, savedContext } from '../../session/load-installation.ts';
import { type Program, Refused } from '../../session/program.ts';
import { sayLines } from '../../ui/wording.ts';
import { readDays } from '../../usage/read-usage.ts';
import { RuleSimulation, simulationLines } from '../../usage/simulation.ts';

/** `routing simulate`: what other rules would have done with the requests of the log. Asks the running gateway for its prices alone. */
export async function simulateRouting(
  program: Program,
  { days }: { readonly days: number },
  now: Date = new Date(),
): Promise<ExitCode> {
  const { host, ui } = program;
  const answers = await savedAnswers(program);
  const problem = rulesProblem(answers);
  if (problem !== undefined) throw new Refused(exitCodes.invalidAnswers, problem);
  const { secrets, layout } = await savedContext(program, answers);
  const { gatewayKey } = secrets;
  const prices =
    gatewayKey === undefined ? new Map<string, never>() : await modelPrices(host, layout.gatewayUrl, gatewayKey);
  const simulation = new RuleSimulation(answers, prices);
  const period = await readDays(program, days, now, (request) => simulation.add(request));
  const found = simulation.result();
  ui.result('simulation', { period, ...found }, () => sayLines(ui, simulationLines(found, period)));
  return exitCodes.done;
}
