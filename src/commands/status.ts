import { readSecrets, withApiKeyRenamed } from '../components/secrets-file/secrets-env.ts';
import { type SecretName, secretVariables } from '../config/secrets.ts';
import { lockHolder } from '../host/lock.ts';
import { layoutFor } from '../layout.ts';
import { failure, problemOf, type Result } from '../problem.ts';
import { steps } from '../registry/steps.ts';
import { type ExitCode, exitCodes } from '../session/exit-codes.ts';
import { orProblems, readOwn, requireInstallation, savedAnswers, savedContext } from '../session/load-installation.ts';
import type { Program } from '../session/program.ts';
import { type InstallationState, lookAround } from '../status/look-around.ts';
import type { StatusReport } from '../status/report.ts';
import { statusLines } from '../status/words.ts';
import { sayLines } from '../ui/wording.ts';

/** What is installed, what runs, and what has drifted: one screen. Asks and changes nothing, and waits for nobody longer than a second. */
export async function status(program: Program, { verbose = false }: { readonly verbose?: boolean }): Promise<ExitCode> {
  const { host, ui } = program;
  await requireInstallation(program);
  const report = await ui.busy('looking at this machine', lookAround(host, await installationState(program)));
  ui.result('status', report, () => {
    sayLines(ui, statusLines(report, verbose));
    if (!report.asWanted) ui.say('Fix it:  claude-routing-install   Look closer:  claude-routing-install plan');
  });
  return report.asWanted ? exitCodes.done : exitCodes.changesPending;
}

/** What is known of the installation without asking or dialling anybody: what cannot be read becomes a problem. */
async function installationState(program: Program): Promise<InstallationState> {
  const { account, environment, layout: usual, onDisk } = program;
  const answers = await firstProblem(savedAnswers(program));
  const layout = answers.ok ? layoutFor(account, answers.value.gateway.port) : usual;
  const [context, keys, underWay] = await Promise.all([
    answers.ok ? firstProblem(savedContext(program, answers.value)) : answers,
    fingerprints(program),
    lockHolder(onDisk(layout.lockFile)),
  ]);
  return { layout, answers, context, keys, searchPath: environment['PATH'], underWay, steps };
}

async function firstProblem<Known>(known: Promise<Known>): Promise<Result<Known>> {
  const read = await orProblems(known);
  if (read.ok) return read;
  const [
    first = { code: 'answer-wrong', problem: 'the answers are invalid', fix: 'claude-routing-install answers check' },
  ] = read.problem;
  return failure(problemOf(first));
}

/** Fingerprints tell whether a key is the one you think it is, without showing it. */
async function fingerprints(program: Program): Promise<StatusReport['keys']> {
  const text = await firstProblem(readOwn(program, program.layout.secretsFile));
  if (!text.ok) return text.problem;
  const kept = readSecrets(withApiKeyRenamed(text.value ?? ''));
  for (const secret of Object.values(kept)) program.masking.add(secret);
  const rows = (Object.keys(secretVariables) as SecretName[]).flatMap((name) => {
    const secret = kept[name];
    return secret === undefined ? [] : [[secretVariables[name], secret.fingerprint()] as const];
  });
  return { fingerprints: Object.fromEntries(rows) };
}
