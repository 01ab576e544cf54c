import { unknownWord, wrongUse } from '../command-line/usage-problems.ts';
import { newGatewayKey, typedSecret } from '../components/secrets-file/secret-source.ts';
import { readSecrets } from '../components/secrets-file/secrets-env.ts';
import { formerValue } from '../components/secrets-file/step.ts';
import { type SecretName, secretVariables } from '../config/secrets.ts';
import type { Context, InstallerStep } from '../context.ts';
import type { Secret } from '../host/secret.ts';
import type { Problem } from '../problem.ts';
import { steps } from '../registry/steps.ts';
import { changeRun } from '../session/change-run.ts';
import { type ExitCode, exitCodes } from '../session/exit-codes.ts';
import { loadConfig, requireInstallation } from '../session/load-installation.ts';
import { blockers, preview, printPreview, takesRoot } from '../session/preview.ts';
import { type Program, Refused } from '../session/program.ts';
import { applySteps } from '../session/walk-steps.ts';

/** What is done with a key: it gets another value, given or made here. */
export type SecretsVerb = 'set' | 'rotate';

const names = Object.keys(secretVariables) as readonly SecretName[];

/** Which steps try a key, and where its old value has to be revoked. */
const usage: Readonly<Record<SecretName, { readonly step: string; readonly revoke?: string }>> = {
  gatewayKey: { step: 'gateway' },
  anthropicKey: { step: 'cloud-backend', revoke: 'platform.claude.com, Settings, API keys' },
  foundryKey: { step: 'cloud-backend', revoke: 'the Azure portal, your resource, Keys and Endpoint: regenerate it' },
  localModelToken: { step: 'local-model', revoke: 'the local server: its settings, or its --api-key' },
};

/**
 * Puts one key in the place of another: the new one is tried first, then the container is created again, everything is proven,
 * and only then does the former value leave the backups, too.
 */
export async function secrets(
  program: Program,
  verb: SecretsVerb,
  word: string,
  { from }: { readonly from?: string },
): Promise<ExitCode> {
  const { ui, host, layout } = program;
  const started = performance.now();
  await requireInstallation(program);
  const name = nameOf(word);
  const present = await loadConfig(program);
  refuseUnused(present, name);
  const former = readSecrets((await host.readFile(layout.secretsFile)) ?? '')[name];
  if (verb === 'rotate' && former === undefined) throw invalid(nothingToRotate(name));
  const value = await newValue(program, verb, name, from);
  program.masking.add(value);
  if (value.equals(former)) throw invalid(sameValue(name));
  const context: Context = { ...present, secrets: { ...present.secrets, [name]: value } };
  const chosen = stepsFor(name, former, value);
  const overviews = await ui.busy('looking at this machine', preview(chosen, context, host));
  return await changeRun(program, {
    name: 'install',
    needsRoot: takesRoot(overviews),
    blockers: blockers(overviews),
    show: () => printPreview(ui, overviews),
    consent: 'confirm the changes',
    work: async (journal) => {
      const options = { askEach: false, proofDue: true, started };
      const code = await applySteps(program, chosen, context, journal, options);
      if (code === exitCodes.done) tellRest(program, name, former);
      return code;
    },
  });
}

function nameOf(word: string): SecretName {
  const variables = names.map((name) => secretVariables[name]);
  const name = names.find((candidate) => secretVariables[candidate] === word.toUpperCase());
  if (name === undefined) throw wrongUse(unknownWord('key', word, variables));
  return name;
}

/** A key that nothing would read is most likely a mistake. */
function refuseUnused({ answers: { cloud } }: Context, name: SecretName): void {
  const unused =
    (name === 'anthropicKey' && cloud.anthropic === undefined) ||
    (name === 'foundryKey' && cloud.foundry === undefined);
  if (!unused) return;
  const what = name === 'anthropicKey' ? 'the Claude API' : 'Azure AI Foundry';
  throw invalid({
    code: 'key-not-used',
    problem: `${secretVariables[name]} would not be used: ${what} is not among your answers`,
    fix: 'choose it first:  claude-routing-install --ask',
  });
}

function nothingToRotate(name: SecretName): Problem {
  const variable = secretVariables[name];
  return {
    code: 'key-missing',
    problem: `there is no ${variable} to rotate`,
    fix: `give it a first value:  claude-routing-install secrets set ${variable}`,
  };
}

function sameValue(name: SecretName): Problem {
  return {
    code: 'key-unchanged',
    problem: `that is already the value of ${secretVariables[name]}`,
    fix: 'give the new one',
  };
}

function invalid(problem: Problem): Refused {
  return new Refused(exitCodes.invalidAnswers, problem);
}

/** From where --from says, otherwise typed; the gateway's own key is made here. */
async function newValue(
  program: Program,
  verb: SecretsVerb,
  name: SecretName,
  from: string | undefined,
): Promise<Secret> {
  const { ui } = program;
  if (from !== undefined) return checked(await fromReference(program, from), name);
  if (name === 'gatewayKey' && verb === 'rotate') return newGatewayKey();
  if (!ui.interactive) {
    throw new Refused(exitCodes.usage, {
      code: 'nobody-to-ask',
      problem: `nobody can be asked for ${secretVariables[name]} here`,
      fix: 'say where it is:  --from env:NAME, --from file:/path, or --from - for standard input',
    });
  }
  const problem = (text: string): string | undefined => {
    const read = typedSecret(text, name);
    return read.ok ? undefined : read.problem.problem;
  };
  return checked(await ui.askSecret({ message: `New ${secretVariables[name]}`, problem }), name);
}

async function fromReference({ host, environment, readInput }: Program, reference: string): Promise<string> {
  const [kind, ...rest] = reference.split(':');
  const target = rest.join(':');
  const unreadable = () => undefined;
  if (reference === '-') return await readInput();
  if (kind === 'env' && target !== '') return environment[target] ?? '';
  if (kind === 'file' && target !== '') return (await host.readFile(target).catch(unreadable)) ?? '';
  throw new Refused(exitCodes.usage, {
    code: 'secret-on-command-line',
    // Whoever types the key itself here must not read it again in a log.
    problem: '--from takes a place, never the key itself',
    fix: '--from env:NAME, --from file:/path, or --from - for standard input',
  });
}

function checked(text: string, name: SecretName): Secret {
  if (text.trim() === '') {
    throw invalid({
      code: 'key-source-empty',
      problem: `nothing was given for ${secretVariables[name]}`,
      fix: 'is the variable set, the file there and readable, the input not empty?',
    });
  }
  const read = typedSecret(text, name);
  if (read.ok) return read.value;
  throw invalid(read.problem);
}

function stepsFor(name: SecretName, former: Secret | undefined, value: Secret): readonly InstallerStep[] {
  const wanted = ['secrets', usage[name].step, 'gateway', 'proof'];
  const chosen = steps.filter(({ id }) => wanted.includes(id));
  return former === undefined ? chosen : [...chosen, formerValue(former, value)];
}

function tellRest({ ui, environment }: Program, name: SecretName, former: Secret | undefined): void {
  if (former === undefined) return;
  const variable = secretVariables[name];
  if (environment[variable] === former.reveal()) {
    ui.say(`This shell still has the former value, and the next run would take it:  unset ${variable}`, 'warning');
  }
  const { revoke } = usage[name];
  if (revoke !== undefined) ui.say(`The former value works until you revoke it: ${revoke}.`, 'warning');
  if (name === 'gatewayKey') ui.say('Running sessions have the former key: end them and start them again.');
}
