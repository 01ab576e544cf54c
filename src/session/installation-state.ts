import { hostname } from 'node:os';
import { knownSecrets } from '../components/secrets-file/secret-source.ts';
import { readSecrets, withApiKeyRenamed } from '../components/secrets-file/secrets-env.ts';
import { newerAnswers, type RawAnswers, validateAnswers } from '../config/answers-file.ts';
import { readSavedAnswers, savedRaw } from '../config/saved.ts';
import type { Answers } from '../config/schema.ts';
import { type SecretName, type Secrets, secretVariables } from '../config/secrets.ts';
import { loadAnswersFile, mergeSources } from '../config/sources.ts';
import { lockHolder } from '../host/lock.ts';
import { type Layout, layoutFor } from '../layout.ts';
import { problemOf } from '../problem.ts';
import { steps } from '../registry/steps.ts';
import { failure, type Result, success } from '../result.ts';
import { shellWord } from '../shell/word.ts';
import type { InstallationState } from '../status/look-around.ts';
import type { StatusReport } from '../status/report.ts';
import { earlierWritesOf, ownAddresses, unreadable } from './load-config.ts';
import type { Program } from './program.ts';

/** What is known of the installation without asking anybody and without dialling anything: what cannot be read comes out as a problem. */
export async function installationState(program: Program): Promise<InstallationState> {
  const { account, environment, layout: usual, onDisk } = program;
  const answers = await readAnswers(program);
  const layout = answers.ok ? layoutFor(account, answers.value.gateway.port) : usual;
  const [context, keys, underWay] = await Promise.all([
    answers.ok ? contextOf(program, answers.value, layout) : answers,
    fingerprints(program),
    lockHolder(onDisk(layout.lockFile)),
  ]);
  return { layout, answers, context, keys, searchPath: environment['PATH'], underWay, steps };
}

async function contextOf(program: Program, answers: Answers, layout: Layout): Promise<InstallationState['context']> {
  const secrets = await readKeys(program, answers);
  if (!secrets.ok) return secrets;
  const machine = (await program.host.query({ file: 'uname', args: ['-m'] })).stdout.trim();
  const architecture = machine === 'aarch64' ? 'arm64' : 'amd64';
  const earlierWrites = await earlierWritesOf(program);
  const facts = { architecture, hostName: hostname(), addresses: ownAddresses(), earlierWrites } as const;
  return success({ answers, secrets: secrets.value, layout, machine: facts });
}

/** The saved answers, with what flags and environment change about them. */
async function readAnswers(program: Program): Promise<Result<Answers>> {
  const { environment, given, host, layout } = program;
  const text = await readable(program, layout.savedAnswers);
  if (!text.ok) return text;
  const newer = newerAnswers(layout.savedAnswers, savedRaw(text.value));
  if (newer !== undefined) return failure(newer);
  const earlier = readSavedAnswers(text.value);
  if (earlier === undefined && given.file === undefined)
    return failure({
      code: 'answers-file-unreadable',
      problem: `${layout.savedAnswers} cannot be understood by this version`,
      fix: `see why:  claude-routing-install answers check ${shellWord(layout.savedAnswers)}`,
    });
  const file = given.file === undefined ? undefined : await loadAnswersFile(host, given.file);
  if (file?.ok === false) return file;
  const sources = {
    earlier: earlier as RawAnswers | undefined,
    file: file?.value,
    environment,
    settings: given.settings,
  };
  const raw = mergeSources(sources);
  if (!raw.ok) return raw;
  const answers = validateAnswers(raw.value, file?.value);
  if (answers.ok) return answers;
  const [first] = answers.problem;
  return failure(
    problemOf(
      first ?? {
        code: 'answer-wrong',
        problem: 'the answers are invalid',
        fix: 'claude-routing-install answers check',
      },
    ),
  );
}

async function readKeys(program: Program, answers: Answers): Promise<Result<Secrets>> {
  const { host, environment, layout, masking } = program;
  const text = await readable(program, layout.secretsFile);
  if (!text.ok) return text;
  const secrets = await knownSecrets(answers, { probe: host, environment, secretsFile: layout.secretsFile });
  if (secrets.ok) for (const secret of Object.values(secrets.value)) masking.add(secret);
  return secrets;
}

/** Fingerprints tell whether a key is the one you think of, without showing it. */
async function fingerprints(program: Program): Promise<StatusReport['keys']> {
  const text = await readable(program, program.layout.secretsFile);
  if (!text.ok) return text.problem;
  const kept = readSecrets(withApiKeyRenamed(text.value ?? ''));
  for (const secret of Object.values(kept)) program.masking.add(secret);
  const rows = (Object.keys(secretVariables) as SecretName[]).flatMap((name) => {
    const secret = kept[name];
    return secret === undefined ? [] : [[secretVariables[name], secret.fingerprint()] as const];
  });
  return { fingerprints: Object.fromEntries(rows) };
}

async function readable({ host }: Program, path: string): Promise<Result<string | undefined>> {
  return await host.readFile(path).then(success, (error: Error) => failure(unreadable(path, error)));
}
