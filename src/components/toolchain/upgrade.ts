import * as z from 'zod';
import type { Answers } from '../../config/schema.ts';
import { compareVersions, versionIn } from '../../config/version.ts';
import type { Context, InstallerStep } from '../../context.ts';
import type { Decision, PartLook } from '../../engine/part-decision.ts';
import type { Probe } from '../../host/host.ts';
import { noCloudReply, uselessReply } from '../../http/no-reply.ts';
import type { Layout } from '../../layout.ts';
import { failure, type Result, success } from '../../problem.ts';
import type { Resource, ScriptFound } from '../../resources/resource.ts';
import { parsedJson } from '../../text/json.ts';
import { installMise } from '../claude-code/signed-release.ts';
import { askMise } from './step.ts';

/** A tool that has a newer release within the version that was asked for. */
interface OutdatedTool {
  readonly name: string;
  readonly current: string;
  readonly latest: string;
}

/** What mise and its tools are, and what is available. */
interface MiseFacts {
  readonly chosen: boolean;
  readonly present: string | undefined;
  /** Of mise itself, or why it is not known. */
  readonly newest: Result<string>;
  readonly outdated: readonly OutdatedTool[] | undefined;
}

/** What would be brought up to date. */
interface MiseTarget {
  readonly mise: string | undefined;
  readonly tools: readonly OutdatedTool[];
}

/** `mise outdated --json`. Source: mise.jdx.dev, "mise outdated". */
const outdatedListing = z.record(z.string(), z.object({ current: z.string().nullish(), latest: z.string() }));

/** Reads mise's list; undefined when it cannot be understood. Only tools that were asked for. */
export function outdatedTools(listing: string, wanted: readonly string[]): readonly OutdatedTool[] | undefined {
  const read = outdatedListing.safeParse(parsedJson(listing)).data;
  const names = wanted.map((tool) => tool.split('@')[0]);
  if (read === undefined) return undefined;
  return Object.entries(read).flatMap(([name, { current, latest }]) =>
    names.includes(name) && current != null && current !== latest ? [{ name, current, latest }] : [],
  );
}

/** Whether mise or one of its tools is updated. */
export function miseFor({ chosen, present, newest, outdated }: MiseFacts): Decision<MiseTarget> {
  if (!chosen) return { status: 'current', note: 'not chosen' };
  if (present === undefined)
    return {
      status: 'stuck',
      code: 'program-missing',
      problem: 'mise is not installed',
      fix: 'install it:  claude-routing-install',
    };
  const mise = newest.ok && compareVersions(newest.value, present) > 0 ? newest.value : undefined;
  const tools = outdated ?? [];
  const what = [...(mise === undefined ? [] : ['mise']), ...tools.map(({ name }) => name)];
  if (what.length > 0) return { status: 'pending', target: { mise, tools }, does: `upgrade ${what.join(', ')}` };
  const unknown = [...(newest.ok ? [] : ['mise']), ...(outdated === undefined ? ['its tools'] : [])];
  if (unknown.length === 0) return { status: 'current', note: 'nothing to do' };
  const problem = `the newest version of ${unknown.join(' and ')} could not be determined`;
  if (!newest.ok) return { status: 'stuck', ...newest.problem, problem: `${problem}: ${newest.problem.problem}` };
  return { status: 'stuck', code: 'download-unreachable', problem, fix: 'see why:  mise outdated' };
}

/** Looks at mise and the tools that were asked for. */
export async function lookAtMise(probe: Probe, { answers, layout }: Context): Promise<PartLook<MiseTarget>> {
  const { mise: chosen, tools } = answers.toolchain;
  if (!chosen) return { part: 'mise', runs: 'not chosen', newest: '', decision: miseFor({ chosen, ...nothing }) };
  const [present, newest, outdated] = await Promise.all([
    presentMise(probe, layout),
    newestMise(probe),
    outdatedNow(probe, layout, tools),
  ]);
  const words = (outdated ?? []).map(({ name, current }) => `${name} ${current}`);
  const later = (outdated ?? []).map(({ name, latest }) => `${name} ${latest}`);
  return {
    part: 'mise',
    runs: [present ?? 'not there', ...words].join(', '),
    newest: [newest.ok ? newest.value : 'not known', ...later].join(', '),
    decision: miseFor({ chosen, present, newest, outdated }),
  };
}

const nothing = { present: undefined, newest: success(''), outdated: undefined };

async function presentMise(probe: Pick<Probe, 'query'>, layout: Layout): Promise<string | undefined> {
  const { exitCode, stdout } = await probe.query(askMise(layout, '--version'));
  return exitCode === 0 ? versionIn(stdout) : undefined;
}

async function newestMise(probe: Pick<Probe, 'http'>): Promise<Result<string>> {
  const host = 'mise.jdx.dev';
  const reply = await probe.http({ url: `https://${host}/VERSION` });
  if (!reply.reached) return failure(noCloudReply(host, reply.failure, reply.detail));
  const version = reply.status === 200 ? versionIn(reply.body) : undefined;
  return version === undefined ? failure(uselessReply(host, `answers HTTP ${reply.status}`)) : success(version);
}

async function outdatedNow(
  probe: Pick<Probe, 'query'>,
  layout: Layout,
  wanted: readonly string[],
): Promise<readonly OutdatedTool[] | undefined> {
  const question = askMise(layout, 'outdated', '--json');
  const { exitCode, stdout } = await probe.query({
    ...question,
    // Its cached lists may be an hour old.
    env: { ...question.env, MISE_FETCH_REMOTE_VERSIONS_CACHE: '0s' },
    timeoutMs: 30_000,
  });
  return exitCode === 0 ? outdatedTools(stdout, wanted) : undefined;
}

/** Updates mise and its tools to what was found to be the newest. */
export function miseAt({ mise, tools }: MiseTarget): InstallerStep {
  return {
    id: 'toolchain',
    title: 'toolchain',
    guidePhase: 'phase 5',
    why: 'Node and Python within the versions that you asked for, and mise itself.',
    resources: ({ layout, answers }) => [
      ...(mise === undefined ? [] : [miseItself(mise, layout, answers)]),
      ...(tools.length === 0 ? [] : [upgraded(tools, layout, answers.toolchain.tools)]),
    ],
  };
}

function miseItself(version: string, layout: Layout, answers: Answers): Resource {
  return {
    kind: 'script',
    id: 'mise',
    inspect: async (probe) => {
      const present = await presentMise(probe, layout);
      const there = present !== undefined && compareVersions(present, version) >= 0;
      return there
        ? { status: 'ok', note: `mise ${present}` }
        : { status: 'change', summary: `install mise ${version}` };
    },
    effects: [installMise(layout, answers)],
  };
}

function upgraded(tools: readonly OutdatedTool[], layout: Layout, wanted: readonly string[]): Resource {
  const names = tools.map(({ name }) => name);
  return {
    kind: 'script',
    id: 'tools',
    inspect: async (probe): Promise<ScriptFound> => {
      const left = await outdatedNow(probe, layout, wanted);
      const mine = left?.filter(({ name }) => names.includes(name)) ?? [];
      if (mine.length === 0) return { status: 'ok', note: names.join(', ') };
      return {
        status: 'change',
        summary: `upgrade ${mine.map(({ name, latest }) => `${name} to ${latest}`).join(', ')}`,
      };
    },
    effects: [
      {
        do: 'run',
        why: `upgrade ${names.join(', ')}`,
        command: {
          file: layout.miseBinary,
          args: ['upgrade', '--yes', ...names],
          cwd: layout.home,
          env: { MISE_FETCH_REMOTE_VERSIONS_CACHE: '0s' },
          timeoutMs: 20 * 60_000,
        },
      },
    ],
  };
}
