import template from '../../../templates/launchers/launcher.bash?raw';
import toolsTemplate from '../../../templates/launchers/launcher-tools.bash?raw';
import windowTemplate from '../../../templates/launchers/launcher-window.bash?raw';
import { nearlySpent } from '../../config/money.ts';
import type { Answers } from '../../config/schema.ts';
import { secretVariables } from '../../config/secrets.ts';
import { fromHome, type LauncherName, type Layout, launcherNames } from '../../layout.ts';
import { shellWord } from '../../shell/word.ts';
import { filledWith } from '../../text/template.ts';
import type { Route } from '../gateway/routing/profiles.ts';
import { sentinelNotice } from '../sentinel/step.ts';
import { isAllLocal, type LauncherModels, launcherEnvironment, proofVariable, routeOf } from './environment.ts';
import { limitVariables, routingPrefixes, routingVariables } from './routing-variables.ts';

/** What each of them is for, in a sentence. */
export const purposes: Readonly<Record<LauncherName, string>> = {
  'claude-routed': 'Claude Code through the gateway, routed by the chosen profile.',
  'claude-local': 'Claude Code on the local model, with the failover that was agreed to.',
  'claude-offline': 'Claude Code on the local model and never on another one.',
  'claude-api': 'Claude Code directly on the Claude API, without the gateway; every token is billed.',
};

/** The launchers that these answers ask for: claude-api needs a Claude API key, the others always exist. */
export function launchersFor(answers: Answers): readonly LauncherName[] {
  return launcherNames.filter((name) => name !== 'claude-api' || answers.cloud.anthropic !== undefined);
}

/**
 * The executable of a launcher (mode 0755). Works in any directory and from any kind of session, takes every argument of
 * `claude`, and ends with 69 and a sentence when it has no key of its own to send.
 */
export function launcherScript(name: LauncherName, layout: Layout, models: LauncherModels): string {
  const direct = name === 'claude-api';
  const names = [...routingPrefixes.map((prefix) => `"\${!${prefix}@}"`), ...routingVariables, ...limitVariables];
  const environment = Object.entries(launcherEnvironment(name, layout, models));
  const exports = environment.map(([variable, value]) => `export ${variable}=${shellWord(value)}`);
  return filledWith(template, {
    name,
    purpose: purposes[name],
    secrets: shellWord(layout.secretsFile),
    variable: direct ? secretVariables.anthropicKey : secretVariables.gatewayKey,
    claude: shellWord(layout.claudeBinary),
    unset: names.map((variable) => ` \\\n  ${variable}`).join(''),
    exports: [
      ...exports,
      ...(direct ? [] : [marksProofs, ...marksFolders(layout, models), ...pastProxies]),
      programsOf(layout),
    ].join('\n'),
    session: name === 'claude-api' ? keepsOut(layout, models) : sessionText(name, layout, models),
    keyVariable: direct ? 'ANTHROPIC_API_KEY' : 'ANTHROPIC_AUTH_TOKEN',
  });
}

function sessionText(name: Exclude<LauncherName, 'claude-api'>, layout: Layout, models: LauncherModels): string {
  const route = routeOf(name, models);
  const tools = argumentsText({ allLocal: isAllLocal(route), lean: models.leanLocal ?? true });
  const { server, contextWindow } = models;
  const window = server === undefined ? [] : [windowText({ name, route, server, contextWindow })];
  const notice = models.sentinel === true ? [sentinelNotice(name, layout)] : [];
  const spending = models.ceiling === true && name !== 'claude-offline' ? [spendingNotice(name, layout)] : [];
  return [tools, ...window, ...notice, ...spending].join('\n');
}

const marksProofs = `[ -z "\${${proofVariable}-}" ] || ANTHROPIC_CUSTOM_HEADERS+='; proof'`;

/** Both paths without symbolic links: a rule's folder may be one, and so may part of the current directory's path. */
const within = `within() { # FOLDER COMMAND…: runs it where one stands in the folder
  local folder
  folder=$(cd -- "$1" 2>/dev/null && pwd -P) || return 0
  case $(pwd -P)/ in "\${folder%/}"/*) "\${@:2}" ;; esac
}`;
const mark = `mark() { ANTHROPIC_CUSTOM_HEADERS+="; $1"; }`;

/** Nothing checks what bypasses the gateway, so such a session does not start where there is text that has to stay local. */
function keepsOut(layout: Layout, { sealed = [] }: LauncherModels): string {
  if (sealed.length === 0) return '';
  const why = '"$PWD is in a sealed folder, and this goes past the gateway; type: claude-local"';
  const calls = sealed.map((path) => `within ${shellWord(fromHome(path, layout))} refuse ${why}`);
  return [within, ...calls].join('\n');
}

function marksFolders(layout: Layout, { directories = [] }: LauncherModels): readonly string[] {
  const calls = directories.map(({ path, mark: name }) => `within ${shellWord(fromHome(path, layout))} mark ${name}`);
  return calls.length === 0 ? [] : [within, mark, ...calls];
}

/** A proxy would get to see the key and could not reach this machine's gateway anyway. The client prefers the small spelling. */
const pastProxies = [
  `no_proxy=127.0.0.1,localhost,\${no_proxy-\${NO_PROXY-}}`,
  `export no_proxy="\${no_proxy%,}" NO_PROXY="\${no_proxy%,}"`,
];

function programsOf({ binDir }: Layout): string {
  const directory = shellWord(binDir);
  return `case ":\${PATH-}:" in *:${directory}:*) ;; *) export PATH=${directory}:"\${PATH:-/usr/local/bin:/usr/bin:/bin}" ;; esac`;
}

/** Bash for a launcher: a line on a terminal when most of a ceiling is spent, from the end of the gateway's request log. */
export function spendingNotice(name: string, { requestLogDir }: Layout): string {
  return `
# How much of a ceiling is spent, as the gateway itself said last. What it said on an earlier day is over.
if [ -t 2 ]; then
  logs=(${shellWord(requestLogDir)}/[0-9][0-9][0-9][0-9]-[0-9][0-9].jsonl)
  said=$(tail -q -c 16384 -- "\${logs[@]: -1}" 2>/dev/null | grep -a '"dayPercent":' | tail -n 1)
  at='"at":"([0-9T:.-]+Z)"'
  if [[ $said =~ $at ]]; then
    on=$(date -d "\${BASH_REMATCH[1]}" +%F) today=$(date +%F)
    for period in day month; do
      percent='"'$period'Percent":([0-9]+)'
      [[ $said =~ $percent ]] && [ "\${BASH_REMATCH[1]}" -ge ${nearlySpent} ] || continue
      [ "$period" = day ] && [[ $on < $today ]] && continue
      [[ \${on:0:7} < \${today:0:7} ]] && continue
      printf '%s\\n' "${name}: \${BASH_REMATCH[1]} % of what the clouds may cost this $period is spent; see  npx claude-routing-install usage" >&2
    done
  fi
fi`;
}

/** A launcher, and the local model that it may ask. */
interface LocalSession {
  readonly name: string;
  readonly route: Route;
  readonly server: { readonly addresses: readonly string[]; readonly model: string };
  /** Tokens that were loaded when it was installed. */
  readonly contextWindow: number | undefined;
}

/**
 * Bash that asks the local server how many tokens the model is loaded with now and declares them. It costs 0.3 s at the most for each server;
 * without an answer the number of the installation stays. Only where the local model does everything does it say a word,
 * and only to a terminal.
 */
function windowText({ name, route, server, contextWindow }: LocalSession): string {
  return filledWith(windowTemplate, {
    name,
    window: shellWord(contextWindow === undefined ? '' : String(contextWindow)),
    tokenVariable: secretVariables.localModelToken,
    addresses: server.addresses.map(shellWord).join(' '),
    model: shellWord(server.model),
    notes: isAllLocal(route) ? 'yes' : "''",
    silent: shellWord(`the local model does not answer at ${server.addresses.join(' or ')}; ${silence(route)}`),
    unloaded: shellWord(`${server.model} is not loaded; the first request may have to wait for it`),
    alsoDeclared: isAllLocal(route) ? ` ${outputTokens}` : '',
  });
}

function silence({ localOnly }: Route): string {
  return localOnly
    ? 'until it does, every request fails'
    : 'until it does, requests go to the cloud, which costs money';
}

/** What `outputLimit` says, in bash. */
const outputTokens = `CLAUDE_CODE_MAX_OUTPUT_TOKENS="$((window < 8192 ? 1024 : window < 65536 ? window / 8 : 8192))"`;

/** What the local model is offered by default; Claude Code's other tools make the first prompt four times longer. */
export const coreTools = ['Bash', 'Read', 'Edit', 'Write', 'Grep', 'Glob'] as const;

/** The launchers' own switch for all tools; the client never gets to see it. */
export const allToolsSwitch = '--all-tools';

/** Words with which the client 2.1.330 starts no conversation, including those that its help does not mention. */
export const clientCommands = [
  ...[
    'agents',
    'attach',
    'auth',
    'auto-mode',
    'daemon',
    'doctor',
    'environment-runner',
    'gateway',
    'import',
    'install',
  ],
  ...['kill', 'logs', 'mcp', 'plugin', 'plugins', 'project', 'ps', 'purge', 'rc', 'remote-control', 'respawn', 'rm'],
  ...['self-hosted-runner', 'setup-token', 'stop', 'ultrareview', 'update', 'upgrade'],
  ...['-h', '--help', '-v', '-V', '--version'],
] as const;

/** Bash that takes our switch out of the arguments and puts in front of them what the session needs. */
function argumentsText({ allLocal, lean }: { readonly allLocal: boolean; readonly lean: boolean }): string {
  return filledWith(toolsTemplate, {
    tools: allLocal && lean ? coreTools.join(',') : "''",
    mode: allLocal ? askPerson : "''",
    commands: clientCommands.join(' | '),
    options: allLocal ? `${sameEverywhere} ` : '',
  });
}

/**
 * Moves directory, date and the path of the memory out of the system prompt, so that its text and the tools are the same
 * in every conversation and directory, and a server has to read them only once.
 */
const sameEverywhere = '--exclude-dynamic-system-prompt-sections';

/** The mode in which the person is asked. Since 2.1.330 a terminal session starts in a mode in which the model is asked instead. */
const askPerson = 'default';
