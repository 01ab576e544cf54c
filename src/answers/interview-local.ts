import type { Problem } from '../engine/finding.ts';
import { Secret } from '../host/secret.ts';
import { addressProblem, containerReachabilityProblem, normaliseAddress } from '../services/address.ts';
import { comfortableWindow, windowVerdict } from '../services/context-window.ts';
import type { LocalModel } from '../services/lm-studio.ts';
import { identifyServer, type ServerFound, serverNames } from '../services/local-server.ts';
import { probeModel, type Scorecard } from '../services/model-trial.ts';
import { problemLines } from '../ui/wording.ts';
import type { Interview } from './interview.ts';
import type { AnswersInput } from './schema.ts';
import { typedSecret } from './secret-source.ts';
import type { Secrets } from './secrets.ts';

type LocalAnswers = AnswersInput['localModel'];

export interface LocalInterviewed {
  readonly localModel: LocalAnswers;
  readonly secrets: Partial<Secrets>;
}

/** Where LM Studio is, which of its models is to work, and with which window. */
export async function askLocalModel(about: Interview): Promise<LocalInterviewed> {
  const server = await askServer(about);
  const model = await askModel(about, server);
  const window = await askWindow(about, server, model);
  const secrets = server.token === undefined ? {} : { localModelToken: server.token };
  return { localModel: { address: server.address, model: model.id, ...window }, secrets };
}

interface AskedServer {
  readonly address: string;
  readonly token: Secret | undefined;
  readonly found: ServerFound;
}

async function askServer(about: Interview): Promise<AskedServer> {
  const { ui, earlier } = about;
  ui.say('');
  ui.say('1/6  Where is LM Studio?   e.g. 192.168.1.20 or http://192.168.1.20:1234', 'strong');
  for (;;) {
    const typed = await ui.askText({
      message: 'Address',
      problem: (text) => addressProblem(text),
      ...(earlier === undefined ? {} : { default: earlier.localModel.address }),
    });
    const server = await tryAddress(about, normaliseAddress(typed));
    if (server !== undefined) return server;
  }
}

/** Dials at once; tells what is wrong and gives nothing back when the address will not do. */
async function tryAddress(about: Interview, address: string): Promise<AskedServer | undefined> {
  const { ui, probe, machine } = about;
  const unreachable = containerReachabilityProblem(address, machine.addresses);
  if (unreachable !== undefined) return tell(about, unreachable);
  let token = about.known.localModelToken;
  for (;;) {
    const found = await ui.busy(`dialling ${address}`, identifyServer(probe, address, token));
    if (!('problem' in found)) {
      ui.say(`     ${serverNames[found.kind]} answers at ${address} (${Math.round(found.ms)} ms${found.tokenUsed ? ', with your token' : ', no token needed'}), ${found.models.length} models.`);
      if (found.models.length > 0) return { address, token: found.tokenUsed ? token : undefined, found };
      return tell(about, { problem: 'it lists no chat model', fix: 'load one in LM Studio, then press Enter here' });
    }
    tell(about, found);
    if (found.cause !== 'token-missing' && found.cause !== 'token-refused') return undefined;
    token = await askToken(about);
    if (token === undefined) return undefined;
  }
}

async function askToken({ ui }: Interview): Promise<Secret | undefined> {
  const typed = await ui.askSecret({
    message: 'API token of LM Studio (hidden; empty to go back)',
    problem: (text) => (text.trim() === '' ? undefined : problemOf(typedSecret(text, 'localModelToken'))),
  });
  return typed.trim() === '' ? undefined : new Secret(typed.trim());
}

function problemOf(result: Secret | Problem): string | undefined {
  return result instanceof Secret ? undefined : `${result.problem}: ${result.fix}`;
}

function tell({ ui }: Interview, problem: Problem): undefined {
  for (const line of problemLines(problem, 'warning')) ui.say(line.text, line.tone);
  return undefined;
}

async function askModel(about: Interview, { address, token, found }: AskedServer): Promise<LocalModel> {
  const { ui, earlier, probe } = about;
  ui.say('');
  ui.say('2/6  Which model should work locally?', 'strong');
  for (;;) {
    const known = found.models.some(({ id }) => id === earlier?.localModel.model);
    const chosen = await ui.choose({
      message: 'Model',
      choices: found.models.map((model) => ({ value: model.id, label: modelLabel(model) })),
      ...(known && earlier?.localModel.model !== undefined ? { default: earlier.localModel.model } : {}),
    });
    const model = found.models.find(({ id }) => id === chosen);
    if (model === undefined) continue;
    if (!model.loaded) return model;
    const score = await ui.busy(`trying ${model.id}`, probeModel(probe, address, model.id, token));
    ui.say(`     Tried it: ${scoreWords(score)}`);
    if (score.problem === undefined || score.answers === 'yes') return model;
    tell(about, score.problem);
    if (score.problem.cause === 'overflow') return model;
  }
}

function modelLabel(model: LocalModel): string {
  const window = model.contextWindow === undefined ? '' : `, ${model.contextWindow.toLocaleString('en-US')} tokens`;
  const state = model.loaded ? `loaded${window}` : 'not loaded';
  const tools = model.toolUse === undefined ? '' : model.toolUse ? ', tools' : ', no tool training';
  return `${model.id}   ${state}${tools}`;
}

/** One mark per ability. */
export function scoreWords(score: Scorecard): string {
  const abilities = [
    ['answers', score.answers],
    ['streaming', score.streaming],
    ['tool call', score.toolCall],
    ['parallel calls', score.parallelCalls],
    ['late system message', score.lateSystemTurn],
  ] as const;
  const marks = abilities.map(([name, mark]) => `${name} ${mark === 'yes' ? '✓' : mark === 'no' ? '✗' : '–'}`).join('  ');
  return score.lateSystemTurn === 'no' ? `${marks} (the gateway will fold it)` : marks;
}

async function askWindow(about: Interview, server: AskedServer, model: LocalModel): Promise<Pick<LocalAnswers, 'contextWindow' | 'load'>> {
  const verdict = windowVerdict(model.contextWindow);
  const measured = model.contextWindow === undefined ? {} : { contextWindow: model.contextWindow };
  if (model.loaded && verdict.level === 'ok') return { ...measured, load: false };
  if (model.loaded && verdict.level !== 'ok') tell(about, verdict);
  if (server.found.listing !== 'lm-studio-v1') return measured;
  const answer = await about.ui.choose({
    message: model.loaded ? 'Load it again with a larger window?' : 'It is not loaded. Load it now?',
    choices: [
      { value: 'load', label: `yes, with ${comfortableWindow.toLocaleString('en-US')} tokens (takes memory on ${new URL(server.address).hostname})` },
      { value: 'leave', label: 'no, I do that myself' },
    ],
    default: 'load',
  });
  return answer === 'load' ? { contextWindow: comfortableWindow, load: true } : { ...measured, load: false };
}
