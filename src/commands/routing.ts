import { knownWord } from '../command-line/usage-problems.ts';
import { LOCAL_ONLY, localNames } from '../components/gateway/models.ts';
import { modelPrices } from '../components/gateway/requests/prices.ts';
import { localRoute, offlineRoute, type Route, routedRoute } from '../components/gateway/routing/profiles.ts';
import {
  directoryMark,
  gatewayRules,
  type RuledRequest,
  ruledDirectories,
  ruleFor,
  rulesProblem,
  ruleWords,
  staysHome,
  unmet,
  unmetWords,
} from '../components/gateway/routing/rules.ts';
import { type RequestKind, requestKinds, sealedRule } from '../config/rules.ts';
import type { Answers } from '../config/schema.ts';
import { fromHome } from '../layout.ts';
import { type ExitCode, exitCodes } from '../session/exit-codes.ts';
import { requireInstallation, savedAnswers, savedContext } from '../session/load-installation.ts';
import { type Program, Refused } from '../session/program.ts';
import { dim, type Line, plain, sayLines, strong } from '../ui/wording.ts';
import { readDays } from '../usage/read-usage.ts';
import { RuleSimulation, simulationLines } from '../usage/simulation.ts';

/** A request as described on the command line; what is not given is as in a session that starts here. */
export interface Described {
  readonly kind?: readonly string[] | undefined;
  readonly agent?: string | undefined;
  readonly size?: number | undefined;
  readonly launcher?: string | undefined;
  readonly directory?: string | undefined;
  readonly model?: string | undefined;
}

/** The size of a session's first request (measured with 2.1.330: 139,423 bytes). */
const usualSize = 35_000;
const gatewayLaunchers = ['claude-routed', 'claude-local', 'claude-offline'] as const;
type GatewayLauncher = (typeof gatewayLaunchers)[number];

/** `routing explain`: the rules in words, and which one a described request fits. Reads the answers only. */
export async function explainRouting(program: Program, described: Described): Promise<ExitCode> {
  if (program.given.file === undefined) await requireInstallation(program);
  const answers = await savedAnswers(program);
  const problem = rulesProblem(answers);
  if (problem !== undefined) throw new Refused(exitCodes.invalidAnswers, problem);
  const { kind, agent, size, launcher, directory, model } = described;
  const words = [kind, agent, size, launcher, directory, model];
  return words.every((word) => word === undefined)
    ? tellRules(program, answers)
    : tellRuling(program, answers, described);
}

function tellRules({ ui }: Program, answers: Answers): ExitCode {
  const { rules } = answers.routing;
  ui.result('rules', rules, () => {
    sayLines(
      ui,
      rules.length === 0
        ? noRules
        : [...listOf(answers, () => []), plain('What matches none goes where the profile says.')],
    );
    sayLines(ui, sealedLines(answers));
  });
  return exitCodes.done;
}

function tellRuling(program: Program, answers: Answers, described: Described): ExitCode {
  const { ui } = program;
  const launcher = knownWord('launcher through the gateway', described.launcher ?? 'claude-routed', gatewayLaunchers);
  const route = routeOf(answers, launcher);
  const request = requestOf(program, answers, described, launcher, route);
  const rules = route.localOnly ? [] : gatewayRules(answers);
  const folder = route.localOnly ? undefined : sealedFolderOf(answers, request);
  const rule = folder === undefined ? ruleFor(rules, request) : undefined;
  const model = folder === undefined ? (rule?.model ?? request.asked) : LOCAL_ONLY;
  const name = folder === undefined ? (rule?.name ?? null) : sealedRule;
  ui.result('ruling', { request, rule: name, model }, () => {
    if (folder !== undefined) {
      const end = `It goes to ${model}: the session started in ${folder}, which is sealed.`;
      return sayLines(ui, [strong(end), ...tooLarge(answers, model, described.size)]);
    }
    const why = (name: string): readonly Line[] => {
      const one = rules.find((other) => other.name === name);
      const reason = one === undefined ? undefined : unmet(one, request);
      if (name === rule?.name) return [strong('   fits')];
      return reason === undefined ? [] : [dim(`   no: ${unmetWords[reason]}`)];
    };
    sayLines(ui, [
      ...listOf(answers, why),
      strong(endWords(request.asked, model, rule?.name, route, launcher)),
      ...tooLarge(answers, model, described.size),
    ]);
  });
  return exitCodes.done;
}

/** The sealed folder that the session started in. */
function sealedFolderOf({ routing }: Answers, { directories }: RuledRequest): string | undefined {
  return routing.sealed.find((folder) => directories.includes(directoryMark(folder)));
}

function sealedLines({ routing }: Answers): readonly Line[] {
  if (routing.sealed.length === 0) return [];
  const folders = routing.sealed.join(', ');
  return [
    plain(
      `Ahead of all rules: what has text from ${folders} goes to ${LOCAL_ONLY}, and so does the rest of its session.`,
    ),
  ];
}

function endWords(asked: string, model: string, rule: string | undefined, route: Route, launcher: string): string {
  if (route.localOnly)
    return `It goes to ${model}: sessions of ${launcher} stay local, and no rule sends them elsewhere.`;
  if (rule === undefined) return `It goes to ${model}, as requested: no rule matches.`;
  return model === asked
    ? `It goes to ${model}, by ${rule}, as requested.`
    : `It goes to ${model} instead of ${asked}, by ${rule}.`;
}

/** What becomes of a prompt whose given size is larger than the local window. */
function tooLarge({ localModel: { contextWindow } }: Answers, model: string, tokens = 0): readonly Line[] {
  if (!localNames.includes(model) || contextWindow === undefined || tokens < contextWindow) return [];
  const window = contextWindow.toLocaleString('en-US');
  const text = `${tokens.toLocaleString('en-US')} tokens do not fit its window of ${window}: Claude Code is told so, and summarises.`;
  return [{ text, tone: 'warning' }];
}

function listOf({ routing }: Answers, why: (name: string) => readonly Line[]): readonly Line[] {
  return routing.rules.flatMap((rule, index) => [
    plain(`${index + 1}. ${rule.name}: ${ruleWords(rule)}`),
    ...why(rule.name),
  ]);
}

function requestOf(
  { cwd, layout }: Program,
  answers: Answers,
  { kind = [], agent, size = usualSize, directory = cwd, model }: Described,
  launcher: GatewayLauncher,
  route: Route,
): RuledRequest & { readonly asked: string } {
  const kinds = kind.map((word) => knownWord('kind of request', word, requestKinds));
  if (agent !== undefined && !kinds.includes('subagent')) kinds.push('subagent');
  const asked = model ?? askedBy(route, kinds);
  return {
    asked,
    kinds,
    agent: agent ?? null,
    launcher,
    directories: marksOf(answers, directory, layout.home),
    tokens: size,
    staysHome: staysHome(answers, asked),
  };
}

/** Which model Claude Code asks for by itself. */
function askedBy({ main, slots, subagents }: Route, kinds: readonly RequestKind[]): string {
  if (kinds.includes('title')) return slots.haiku;
  return kinds.includes('subagent') ? (subagents ?? main) : main;
}

function routeOf(answers: Answers, launcher: GatewayLauncher): Route {
  const routes = { 'claude-routed': routedRoute, 'claude-local': localRoute, 'claude-offline': () => offlineRoute };
  return routes[launcher](answers);
}

/** As the launchers find them, except for symbolic links. */
function marksOf(answers: Answers, directory: string, home: string): readonly string[] {
  const whole = (path: string): string => fromHome(path, { home }).replace(/\/+$/, '');
  return ruledDirectories(answers)
    .filter(({ path }) => `${whole(directory)}/`.startsWith(`${whole(path)}/`))
    .map(({ mark }) => mark);
}

const noRules: readonly Line[] = [
  plain('There are no rules of your own: everything goes where the profile says. A first one, for example:'),
  {
    text: `    claude-routing-install --set 'routing.rules=[{name: searches, when: {kind: web-search}, model: ${LOCAL_ONLY}}]'`,
    tone: 'command',
  },
];

/** `routing simulate`: what other rules would have done with the requests of the log. Asks the running gateway only for its prices. */
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
