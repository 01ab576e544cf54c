import { gatewayModels } from '../components/gateway/models.ts';
import type { Answers } from '../config/schema.ts';

/** What the gateway calls the deployment behind one of its names: the evidence of who answered. */
export function deploymentIdOf(answers: Answers, wanted: string): string {
  return gatewayModels(answers).find(({ name }) => name === wanted)?.id ?? wanted;
}

/** Those of the local model. */
export function localIds(answers: Answers): readonly string[] {
  return gatewayModels(answers).flatMap(({ backend, id }) => (backend.kind === 'local' ? [id] : []));
}
