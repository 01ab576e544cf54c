import * as z from 'zod';
import { hasCeiling, hasCloud } from '../../config/schema.ts';
import type { Context, InstallerStep } from '../../context.ts';
import type { Proof, ProofResult } from '../../engine/step.ts';
import type { Probe } from '../../host/host.ts';
import { readBody } from '../../http/reply-body.ts';
import type { LauncherName } from '../../layout.ts';
import { failure, type Problem, success } from '../../problem.ts';
import { lastLine } from '../../text/said.ts';
import { backendOfId, LOCAL, mainModel, shownId } from '../gateway/models.ts';
import { exchangeMessages } from '../gateway/requests/exchange.ts';
import { proofVariable } from '../launchers/environment.ts';

const question = 'Answer with one short sentence: are you there?';

/** That Claude Code itself gets answers in both ways. */
export const clientProofs: readonly Proof<Context>[] = [
  { name: 'claude-local -p', run: async (probe, context) => await throughClient(probe, context, 'claude-local') },
  { name: 'claude-routed -p', run: throughRouted },
];

export const proof: InstallerStep = {
  id: 'proof',
  title: 'proof',
  guidePhase: 'phase 11',
  why: 'Real requests, through the gateway and through the real client, and evidence of who answered them. The cloud part costs less than a cent.',
  provesEverything: true,
  resources: () => [],
  proofs: [
    { name: 'local', run: async (probe, context) => await throughGateway(probe, context, LOCAL) },
    {
      name: 'cloud',
      run: async (probe, context) =>
        hasCloud(context.answers) ? await throughGateway(probe, context, mainModel(context.answers)) : noCloud,
    },
    ...clientProofs,
  ],
};

const noCloud: ProofResult = success({ note: 'none chosen' });

async function throughGateway(
  probe: Probe,
  { answers, secrets, layout }: Context,
  model: string,
): Promise<ProofResult> {
  const answer = await exchangeMessages(probe, layout.gatewayUrl, secrets.gatewayKey, {
    body: { model, max_tokens: 32, messages: [{ role: 'user', content: question }] },
    headers: { 'x-claude-routing': 'proof' },
    timeoutMs: 10 * 60_000,
    aim: `answer as ${model}`,
  });
  const { problem } = answer;
  if (problem !== undefined) return problem.code === 'ceiling-reached' ? atCeiling(problem) : failure(problem);
  const backend = backendOfId(answer.modelId);
  const where = `${shownId(answer.modelId ?? 'an unnamed model')}, ${(answer.ms / 1000).toFixed(1)} s`;
  if (model !== LOCAL || backend === 'local') return success({ note: `${model} → ${where}` });
  const warning: Problem = {
    code: 'local-model-silent',
    problem: `the local model did not answer; the failover did (${where})`,
    fix: `is the model loaded at ${answers.localModel.address}? See  docker logs --tail 20 ${layout.containerName}`,
  };
  return success({ note: `${model} → ${where}`, warning });
}

/** A gateway that keeps to its ceiling is not faulty; what it would do below the ceiling is not proven. */
function atCeiling(warning: Problem): ProofResult {
  return success({ note: 'not tried: the ceiling is reached', warning });
}

/** The result line of `claude -p --output-format json`. Source: code.claude.com, "Run Claude Code programmatically". */
const clientResult = z.object({
  is_error: z.boolean(),
  result: z.string().default(''),
  modelUsage: z.record(z.string(), z.unknown()).default({}),
});

/** The client reports an error only in words, so the gateway is asked whether it is because of the ceiling. */
async function throughRouted(probe: Probe, context: Context): Promise<ProofResult> {
  const proven = await throughClient(probe, context, 'claude-routed');
  if (proven.ok || !hasCeiling(context.answers)) return proven;
  const asked = await throughGateway(probe, context, mainModel(context.answers));
  return asked.ok && asked.value.warning?.code === 'ceiling-reached' ? asked : proven;
}

async function throughClient(probe: Probe, { layout }: Context, launcher: LauncherName): Promise<ProofResult> {
  const args = ['-p', question, '--output-format', 'json', '--tools', '', '--no-session-persistence'];
  const command = {
    file: layout.launchers[launcher],
    args,
    // The runtime directory holds no project, so nobody's project settings or hooks take part.
    cwd: layout.runtimeDir,
    // The client would try a refused key again and again for minutes.
    env: { CLAUDE_CODE_MAX_RETRIES: '0', [proofVariable]: '1' },
    timeoutMs: 10 * 60_000,
  };
  const started = performance.now();
  const { exitCode, stdout, stderr } = await probe.query(command);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const read = readBody(clientResult, lastLine(stdout));
  if (exitCode === 0 && read?.is_error === false) {
    return success({ note: `${Object.keys(read.modelUsage).join(', ')} answered in ${seconds} s` });
  }
  const said = (read?.result ?? (stdout || stderr)).trim().slice(0, 400);
  return failure({
    code: 'launcher-failed',
    problem: `${launcher} did not answer: ${said || `exit code ${exitCode}`}`,
    fix: `try it yourself:  ${launcher} -p hi --debug`,
  });
}
