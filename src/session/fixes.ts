import type { Finding } from '../checks/check.ts';
import { gatewayAnswers } from '../components/gateway/proofs.ts';
import type { Context } from '../context.ts';
import { ask, containerInspect } from '../docker-client/docker.ts';
import type { Journal } from '../engine/journal.ts';
import type { Step } from '../engine/step.ts';
import type { Host } from '../host/host.ts';
import { checks } from '../registry/checks.ts';
import type { Resource } from '../resources/resource.ts';
import { clearVerification } from '../status/verification.ts';
import type { ExitCode } from './exit-codes.ts';
import { preview, type StepPreview } from './preview.ts';
import type { Program } from './program.ts';
import { exitCodeOf, walkSteps } from './walk-steps.ts';

/** What --fix does about the findings of one check. */
export interface Fix extends Step<unknown> {
  readonly resources: () => readonly Resource[];
}

/** The fixes of these findings, causes first, one for each check. */
export function fixesFor(diagnoses: readonly Finding[]): readonly Fix[] {
  const ids = checks.map(({ id }) => id);
  return ids.flatMap((id) => {
    const found = diagnoses.filter(({ check, fixWith }) => check === id && fixWith !== undefined);
    const [first] = found;
    if (first === undefined) return [];
    const resources = found.flatMap(({ fixWith }) => fixWith ?? []);
    return [{ id, title: id, why: first.symptom, guidePhase: 'troubleshooting', resources: () => resources }];
  });
}

/** What the fixes would do now, each resource once even if several of them have it. */
export async function previewOf(fixes: readonly Fix[], host: Host): Promise<readonly StepPreview<unknown>[]> {
  const seen = new Set<string>();
  return (await preview<unknown>(fixes, undefined, host)).map((one) => {
    const planned = one.planned.filter(({ resource: { id } }) => !seen.has(id));
    for (const { resource } of planned) seen.add(resource.id);
    return { ...one, planned };
  });
}

/** Performs the fixes. If one stops, the others are still tried. */
export async function performFixes(
  program: Program,
  fixes: readonly Fix[],
  context: Context | undefined,
  journal: Journal,
): Promise<ExitCode> {
  if (context !== undefined) await program.host.perform(clearVerification(context));
  const walked = await walkSteps(program, fixes, undefined, journal, { pastFailures: true });
  if (context !== undefined && walked.status !== 'cancelled' && fixes.some(touchesGateway))
    await awaitGateway(program, context);
  return await exitCodeOf(program, walked, () => undefined);
}

/** Whether the gateway was restarted, by itself or with the engine or the service manager below it. */
function touchesGateway({ id, resources }: Fix): boolean {
  return (
    id === 'user-bus' ||
    resources().some(
      (resource) => resource.kind === 'container' || (resource.kind === 'systemd-unit' && resource.scope === 'user'),
    )
  );
}

/** A gateway that was just started needs some ten seconds; looking again before that would find it broken. */
async function awaitGateway({ ui, host }: Program, context: Context): Promise<void> {
  if (!(await ask(host, containerInspect(context.layout, context.layout.containerName, '{{.Config.Image}}'))).exists)
    return;
  await ui.busy(
    'waiting for the gateway',
    gatewayAnswers.run(host, context, () => undefined),
  );
}
