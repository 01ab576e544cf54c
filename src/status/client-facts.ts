import { failoverTarget, LOCAL_ONLY, mainModel } from '../components/gateway/models.ts';
import { localRoute, profileOf, profileWords, routedRoute } from '../components/gateway/routing/profiles.ts';
import { launchersFor } from '../components/launchers/launchers.ts';
import { isModel } from '../components/lm-studio/lm-studio.ts';
import { identifyServer } from '../components/lm-studio/local-server.ts';
import { serverNames } from '../components/lm-studio/server-kinds.ts';
import { queueLimit, slotsOf } from '../components/lm-studio/server-limits.ts';
import { type Answers, localAddresses } from '../config/schema.ts';
import type { Secrets } from '../config/secrets.ts';
import type { Context } from '../context.ts';
import type { Command, Probe } from '../host/host.ts';
import type { LauncherName, Layout } from '../layout.ts';
import { problemOf } from '../problem.ts';
import { patience, silence } from './engine-facts.ts';
import {
  type ClientFacts,
  isUnknown,
  type LauncherFacts,
  type LocalFacts,
  type Looked,
  type RoutingFacts,
  type StatusReport,
} from './report.ts';

const install = 'install it:  claude-routing-install';

/** Claude Code, by what it says itself. */
export async function lookAtClaude(
  probe: Probe,
  { claudeCode }: Pick<Answers, 'claudeCode'>,
  layout: Layout,
): Promise<Looked<ClientFacts>> {
  const { source, channel } = claudeCode;
  const version = await versionOf(probe, 'Claude Code', {
    file: source === 'apt' ? 'claude' : layout.claudeBinary,
    args: ['--version'],
  });
  return isUnknown(version) ? version : { ...version, channel, source };
}

/** The version that a program tells when it is asked with `--version`. */
export async function versionOf(
  probe: Probe,
  what: string,
  question: Command,
): Promise<Looked<{ readonly version: string }>> {
  const reply = await probe.query(question);
  const version = /\d+(\.\d+)+/.exec(reply.stdout)?.[0];
  if (reply.exitCode === 0 && version !== undefined) return { version };
  if (reply.exitCode === 0)
    return { code: 'program-missing', problem: `${what} does not report a version`, fix: install };
  return silence(what, reply, `try it yourself:  ${question.file} --version`, patience.programMs);
}

/** Every further server of the local model, by its address. */
export async function lookAtMoreLocal(
  probe: Probe,
  answers: Answers,
  token: Secrets['localModelToken'],
): Promise<StatusReport['moreLocalServers']> {
  const [, ...others] = localAddresses(answers.localModel);
  const look = async (address: string) => ({ address, found: await lookAtLocal(probe, answers, token, address) });
  return await Promise.all(others.map(look));
}

/** A local server, the first one where no address says otherwise, and what it has loaded. */
export async function lookAtLocal(
  probe: Probe,
  { localModel }: Answers,
  token: Secrets['localModelToken'],
  address = localModel.address,
): Promise<Looked<LocalFacts>> {
  const { model } = localModel;
  const server = await identifyServer(probe, address, token, patience.ms);
  if (!server.ok) return problemOf(server.problem);
  const found = server.value;
  const shown = found.models.filter((one) => isModel(one, model) || one.loaded === true);
  return {
    address,
    server: serverNames[found.kind],
    ms: Math.round(found.ms),
    chosen: model ?? null,
    queue: queueLimit(localModel.parallel, slotsOf(found.models, model)),
    models: shown.map((one) => ({
      id: one.id,
      chosen: isModel(one, model),
      loaded: one.loaded ?? null,
      contextWindow: one.contextWindow ?? null,
    })),
  };
}

/** What goes where, by the answers. */
export function routingFacts(answers: Answers): RoutingFacts {
  const profile = profileOf(answers);
  const { label, goes } = profileWords[profile];
  const { failover, routing } = answers;
  const cloud = cloudOf(answers) ?? null;
  return { profile, label, goes, failover: `${failover.allowed}`, cloud, sealed: routing.sealed };
}

/** The cloud's model that claude-routed begins with, or goes to when the local one fails. */
function cloudOf(answers: Answers): string | undefined {
  const profile = profileOf(answers);
  if (profile === 'offline') return undefined;
  return profile === 'local-first' ? failoverTarget(answers) : mainModel(answers);
}

/** The launchers, and what a shell with this search path would start under their names. */
export async function lookAtLaunchers(
  probe: Probe,
  { answers, layout }: Pick<Context, 'answers' | 'layout'>,
  searchPath: string | undefined,
): Promise<{ readonly files: readonly LauncherFacts[] }> {
  const folders = (searchPath ?? '').split(':').filter((folder) => folder.startsWith('/'));
  const look = async (name: LauncherName): Promise<LauncherFacts> => {
    const path = layout.launchers[name];
    const first = await firstOf(probe, folders.slice(0, orLast(folders, layout.binDir)), name);
    return {
      name,
      path,
      present: (await probe.stat(path)) !== undefined,
      goes: beginsWith(name, answers),
      shadowedBy: first ?? null,
      onPath: folders.includes(layout.binDir),
    };
  };
  return { files: await Promise.all(launchersFor(answers).map(look)) };
}

/** How many folders come before ours; all of them where ours is missing. */
function orLast(folders: readonly string[], ours: string): number {
  const at = folders.indexOf(ours);
  return at < 0 ? folders.length : at;
}

async function firstOf(probe: Probe, folders: readonly string[], name: string): Promise<string | undefined> {
  const paths = folders.map((folder) => `${folder}/${name}`);
  const found = await Promise.all(paths.map(async (path) => (await probe.stat(path)) !== undefined));
  return paths.find((_, index) => found[index]);
}

function beginsWith(name: LauncherName, answers: Answers): string {
  const models: Readonly<Record<LauncherName, () => string>> = {
    'claude-routed': () => routedRoute(answers).main,
    'claude-local': () => localRoute(answers).main,
    'claude-offline': () => LOCAL_ONLY,
    'claude-api': () => 'the Claude API, bypassing the gateway',
  };
  return models[name]();
}
