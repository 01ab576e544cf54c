import { savedAnswersText, saysTheSame } from '../../config/saved.ts';
import type { Context, InstallerStep } from '../../context.ts';
import type { Secret } from '../../host/secret.ts';
import type { Layout } from '../../layout.ts';
import { failure, success } from '../../problem.ts';
import { clearedDrafts } from '../../resources/drafts.ts';
import { filesBelow } from '../../resources/file.ts';
import type { EditedText, FileResource, ScriptResource } from '../../resources/resource.ts';
import { gatewayModules, modulePath } from '../gateway/modules.ts';
import { renderSecrets, secretsFileProblems, withApiKeyRenamed, withValueReplaced } from './secrets-env.ts';

/** Comes first although the guide has it eighth: whoever stops half-way is not asked for the keys again. */
export const secrets: InstallerStep = {
  id: 'secrets',
  title: 'answers and keys',
  guidePhase: 'phase 8',
  why: 'Your answers for the next run, and the keys in one file that only you can read. Only the gateway gets the cloud keys.',
  resources: (context) => [
    draftsGone(context.layout, context.machine.earlierWrites),
    savedAnswers(context),
    {
      kind: 'file',
      id: 'keys',
      path: context.layout.secretsFile,
      content: (current) => editedSecrets(current, context),
      mode: 0o600,
      directoryMode: 0o700,
    },
  ],
};

/** The answers, where the next run looks for them. New options of this program are no reason to rewrite them. */
export function savedAnswers({ answers, layout }: Context): FileResource {
  return {
    kind: 'file',
    id: 'your-answers',
    path: layout.savedAnswers,
    content: (current) =>
      success({ text: current !== undefined && saysTheSame(current, answers) ? current : savedAnswersText(answers) }),
    mode: 0o600,
    directoryMode: 0o700,
  };
}

function editedSecrets(current: string | undefined, { secrets: keys, layout }: Context): EditedText {
  const renamed = current === undefined ? undefined : withApiKeyRenamed(current);
  const [unsafe] = renamed === undefined ? [] : secretsFileProblems(renamed, layout.secretsFile);
  if (unsafe !== undefined) return failure(unsafe);
  const rendered = renderSecrets(renamed, keys);
  if (!rendered.ok) return rendered;
  const notes =
    renamed === current
      ? []
      : ['ANTHROPIC_API_KEY is renamed to ANTHROPIC_DIRECT_KEY: under the old name every client would bill it'];
  return success({ text: rendered.value, ...(notes.length === 0 ? {} : { notes }) });
}

/**
 * Drafts that a run left when it was killed: half a configuration, or all of the keys.
 * The journal says where something was being written (`earlierWrites`); without it these are the places.
 */
export function draftsGone(layout: Layout, earlierWrites: readonly string[]): ScriptResource {
  const { home, backupsDir, lockFile } = layout;
  return clearedDrafts({ home, backupsDir, lockFile, written: [...ownPaths(layout), ...earlierWrites] });
}

function ownPaths(layout: Layout): readonly string[] {
  const { savedAnswers, shellEnvironment, bashrc, zsh, fish, secretsFile, gatewayConfig, composeFile } = layout;
  const { routedSettings, statusLine, sentinelScript, sentinelService, sentinelTimer, sentinelState } = layout;
  return [
    ...[savedAnswers, secretsFile, shellEnvironment, bashrc, zsh.environment, zsh.start, fish.environment, fish.start],
    ...[gatewayConfig, composeFile, ...gatewayModules.map((module) => modulePath(layout, module))],
    ...[routedSettings, statusLine, ...Object.values(layout.launchers)],
    ...[sentinelScript, sentinelService, sentinelTimer, sentinelState],
    ...[layout.proofStamp, layout.answersSoFar, `${layout.stateDir}/before.json`],
  ];
}

/**
 * Removes a key's former value from every backup: what would be restored is then the former file, with the key that
 * works now. Comes after the proofs, so that the former value is there until the new one has been seen to work.
 */
export function formerValue(former: Secret, value: Secret): InstallerStep {
  return {
    id: 'former-value',
    title: 'former value',
    guidePhase: 'phase 8',
    why: 'A replaced key should not live on in a backup.',
    resources: async ({ layout }, probe) => {
      const files = await filesBelow(probe, layout.backupsDir);
      const texts = await Promise.all(files.map(async (path) => await probe.readFile(path)));
      return files
        .filter((_, index) => texts[index]?.includes(former.reveal()))
        .map((path) => cleaned(path, former, value));
    },
  };
}

function cleaned(path: string, former: Secret, value: Secret): FileResource {
  return {
    kind: 'file',
    id: 'backup',
    path,
    mode: 0o600,
    keepMode: true,
    disposable: true,
    content: (current = '') => success({ text: withValueReplaced(current, former, value) }),
  };
}
