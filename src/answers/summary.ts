import { failoverTarget, gatewayModels, mainModel } from '../render/gateway-models.ts';
import type { Answers } from './schema.ts';

/** The answers in a few lines, for a last look before anything is done: what it is about, and what was answered. */
export function answersSummary(answers: Answers): readonly (readonly [string, string])[] {
  return [
    ['local', localWords(answers)],
    ['cloud', cloudWords(answers)],
    ['failover', failoverWords(answers)],
    ['options', optionWords(answers)],
  ];
}

function localWords({ localModel }: Answers): string {
  const { address, model = 'the model that is loaded', contextWindow, load } = localModel;
  const window = contextWindow === undefined ? '' : `, ${contextWindow.toLocaleString('en-US')} tokens`;
  return `${model} at ${address}${window}${load ? ', to be loaded so' : ''}`;
}

function cloudWords(answers: Answers): string {
  const { anthropic, foundry } = answers.cloud;
  const clouds = [
    ...(anthropic === undefined ? [] : ['Claude API']),
    ...(foundry === undefined ? [] : [`Azure AI Foundry (${foundry.resource})`]),
  ];
  if (clouds.length === 0) return 'none, local only';
  const main = mainModel(answers);
  const others = gatewayModels(answers).filter(
    ({ name, backend, aliasOf }) => backend.kind !== 'local' && aliasOf === undefined && name !== main,
  );
  const beside = others.length === 0 ? '' : `; also ${others.map(({ name }) => name).join(', ')}`;
  return `${clouds.join(' and ')}: ${main} in front${beside}`;
}

function failoverWords(answers: Answers): string {
  const target = failoverTarget(answers);
  return target === undefined
    ? 'none: the local model answers or nobody does'
    : `to ${target} when LM Studio cannot answer; it costs money`;
}

function optionWords({ system, toolchain }: Answers): string {
  const chosen = [
    ...(toolchain.mise ? [`mise (${toolchain.tools.join(', ')})`] : []),
    ...(system.timezone === undefined ? [] : [`time zone ${system.timezone}`]),
    ...(system.fullUpgrade ? ['full-upgrade'] : []),
    ...(system.fail2ban ? ['fail2ban'] : []),
    ...(system.firewall ? ['nftables, local network only'] : []),
  ];
  return chosen.length === 0 ? 'none' : chosen.join(', ');
}
