import { type Finding, findingLines } from '../checks/check.ts';
import { readiness } from '../components/gateway/requests/client.ts';
import { findShells } from '../components/launchers/start-up-files/shells.ts';
import { askMise } from '../components/toolchain/step.ts';
import { containerLog } from '../docker-client/container.ts';
import { containerInspect, engineVersion } from '../docker-client/docker.ts';
import { type PastRun, readActionLog } from '../engine/action-log.ts';
import type { Command, Probe } from '../host/host.ts';
import type { Secret } from '../host/secret.ts';
import { bearer } from '../http/reply-body.ts';
import { type LauncherName, type Layout, launcherNames } from '../layout.ts';
import { counted } from '../text/counted.ts';
import { harmless } from '../text/harmless.ts';
import { messageOf, withoutRequests } from '../text/said.ts';
import type { Redacted } from './redaction.ts';

/** A part of the report; `problem` instead of a text where it could not be had. */
export interface Section {
  readonly title: string;
  readonly text: string;
}

/** A part that is gathered on its own: a failure is told in its place and takes no other part down. */
export async function section(title: string, gather: () => Promise<string>): Promise<Section> {
  try {
    const text = (await gather()).trimEnd();
    return { title, text: text === '' ? '(nothing)' : text };
  } catch (error) {
    return { title, text: `(could not be read: ${messageOf(error)})` };
  }
}

/** The parts as one text, before anything private is taken out of it. */
export function joined(sections: readonly Section[]): string {
  // Before anything is looked for in it: a colour code in the midst of a key would hide the key.
  return harmless(sections.map(({ title, text }) => `== ${title} ==\n\n${text}\n`).join('\n'));
}

/** The whole report: what it is, what was replaced, and the parts. */
export function reportText({ text, replaced }: Redacted, at: string): string {
  return `Report of claude-routing-install, ${at}

Read it before you send it. It contains no conversation: only numbers of requests, and no line of the
gateway's output that quotes one.

Replaced everywhere, the same thing by the same word:
${replacedLines(replaced).join('\n')}

${text}`;
}

/** What was replaced and how often, a line for each kind. */
export function replacedLines(replaced: Redacted['replaced']): readonly string[] {
  if (replaced.length === 0) return ['  nothing'];
  return replaced.map(({ kind, times, different }) => {
    const of = different === 1 ? '' : `, ${different} different ones`;
    return `  ${kind.padEnd(9)} ${counted(times, 'time')}${of}`;
  });
}

/** What a report looks at. */
interface Reported {
  readonly probe: Probe;
  readonly layout: Layout;
}

/** What is installed and which versions of it. */
export async function versions({ probe, layout }: Reported, program: string): Promise<string> {
  const asked: readonly (readonly [string, Command])[] = [
    ['kernel', { file: 'uname', args: ['-r'] }],
    ['architecture', { file: 'uname', args: ['-m'] }],
    ['rootless Docker', engineVersion(layout)],
    ['image', containerInspect(layout, layout.containerName, '{{.Config.Image}}')],
    ['Claude Code', { file: layout.claudeBinary, args: ['--version'] }],
    ['mise', askMise(layout, '--version')],
  ];
  const answers = asked.map(async ([name, command]) => row(name, await firstLine(probe, command)));
  const system = /^PRETTY_NAME="?([^"\n]*)/m.exec((await probe.readFile('/etc/os-release')) ?? '')?.[1];
  return [row('program', program), row('system', system ?? 'unknown'), ...(await Promise.all(answers))].join('\n');
}

/** Whether the gateway answers, and which LiteLLM it is, which it tells to those with its key. */
export async function gatewayState({ probe, layout }: Reported, key: Secret | undefined): Promise<string> {
  const state = await readiness(probe, layout.gatewayUrl);
  if (!state.ready) return `${state.problem}\n${state.fix}`;
  const reply = await probe.http({ url: `${layout.gatewayUrl}/health/readiness/details`, headers: bearer(key) });
  const version = reply.reached ? /"litellm_version"\s*:\s*"([^"]*)"/.exec(reply.body)?.[1] : undefined;
  return [row('ready', layout.gatewayUrl), row('LiteLLM', version ?? 'does not say')].join('\n');
}

/** What the doctor found. A colon behind a name like api-key would make a key of the next word. */
export function findingsText(diagnoses: readonly Finding[]): string {
  const text = textOf(diagnoses.flatMap(findingLines)).replace(/^( . [\w-]+): /gm, '$1  ');
  return text === '' ? 'healthy' : text;
}

/** Lines for a screen as a text. */
export function textOf(lines: readonly { readonly text: string }[]): string {
  return lines.map(({ text }) => text).join('\n');
}

/** Our own files, each as a section; of launchers what they export, of ~/.bashrc our block. */
export async function ownFiles(reported: Reported): Promise<readonly Section[]> {
  const { layout } = reported;
  const whole = [
    layout.savedAnswers,
    layout.gatewayConfig,
    layout.composeFile,
    layout.routedSettings,
    layout.shellEnvironment,
  ];
  return await Promise.all([
    ...whole.map((path) => section(path, async () => await textIn(reported, path))),
    ...launcherNames.map((name) => section(layout.launchers[name], async () => await exportsOf(reported, name))),
    ...(await startFiles(reported)).map((path) =>
      section(`${path}, our block`, async () => blockOf(await textIn(reported, path))),
    ),
  ]);
}

/** The start-up files in which our block belongs. */
async function startFiles({ probe, layout }: Reported): Promise<readonly string[]> {
  const { zsh, fish } = await findShells(probe, layout);
  return [layout.bashrc, ...(zsh?.starts ?? []), ...(fish === undefined ? [] : [fish])];
}

/** The last runs as the journal has them. */
export async function lastRuns({ probe, layout }: Reported): Promise<string> {
  const { runs, unreadable } = readActionLog(await probe.readFile(layout.journal));
  const lost = unreadable === 0 ? [] : [`lines that could not be read: ${unreadable}`];
  return [...runs.slice(-mostRuns).flatMap(runLines), ...lost].join('\n');
}

const mostRuns = 5;

function runLines({ id, command, version, exitCode, actions }: PastRun): readonly string[] {
  const ended = exitCode === undefined ? 'did not end' : `ended with exit code ${exitCode}`;
  return [
    `${id}  ${command ?? 'prepare-host'} ${version ?? ''}  ${ended}`,
    ...actions.map(({ at, state, step, what }) => `  ${at}  ${state.padEnd(7)} ${step}  ${what}`),
  ];
}

/** The gateway's last words. */
export async function gatewayOutput(reported: Reported): Promise<string> {
  return (await containerLog(reported.probe, reported.layout, reported.layout.containerName, 200)).trim();
}

/** What systemd says about the engine. */
export async function engineState(reported: Reported): Promise<string> {
  const args = ['--user', 'status', 'docker', '--no-pager'];
  return withoutRequests(await outputOf(reported.probe, { file: 'systemctl', args, env: reported.layout.sessionEnv }));
}

async function outputOf(probe: Probe, command: Command): Promise<string> {
  const { stdout, stderr, exitCode } = await probe.query(command);
  const ended = exitCode === 0 ? [] : [`(ended with exit code ${exitCode})`];
  return [stdout.trimEnd(), stderr.trimEnd(), ...ended].filter((text) => text !== '').join('\n');
}

async function firstLine(probe: Probe, command: Command): Promise<string> {
  const { exitCode, stdout } = await probe.query(command);
  return exitCode === 0 ? (stdout.trim().split('\n')[0] ?? '') : 'not there, or not answering';
}

function row(name: string, value: string): string {
  return `${name.padEnd(14)}${value}`;
}

async function textIn({ probe }: Reported, path: string): Promise<string> {
  return (await probe.readFile(path)) ?? '(no such file)';
}

async function exportsOf(reported: Reported, name: LauncherName): Promise<string> {
  const text = await textIn(reported, reported.layout.launchers[name]);
  if (!text.includes('\n')) return text;
  return text
    .split('\n')
    .filter((line) => /^\s*export\s/.test(line))
    .join('\n');
}

function blockOf(text: string): string {
  return /^# >>> claude-routing >>>[\s\S]*?^# <<< claude-routing <<<.*$/m.exec(text)?.[0] ?? '(no block of ours)';
}
