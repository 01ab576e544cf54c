import { hostname } from 'node:os';
import type { CheckContext } from '../checks/check-context.ts';
import { suspectedValues } from '../config/env-file.ts';
import { readSavedAnswers } from '../config/saved.ts';
import { isKeyName } from '../env-trace/key-shapes.ts';
import { Secret } from '../host/secret.ts';
import type { Program } from '../session/program.ts';
import type { PrivateFacts } from './redaction.ts';

/** Every key, name and address that is known here. */
export async function privateFacts(program: Program, examination: CheckContext): Promise<PrivateFacts> {
  const { account, environment, layout } = program;
  const { probe, installed } = examination;
  const read = async (path: string) => (await probe.readFile(path).catch(() => undefined)) ?? '';
  const { places } = await examination.places();
  const answers = installed?.answers ?? readSavedAnswers(await read(layout.savedAnswers));
  const variables = [
    ...suspectedValues(await read(layout.secretsFile)).map((value) => ['', value] as const),
    ...Object.entries(environment).flatMap(([name, value]) =>
      isKeyName(name) && value ? [[name, value] as const] : [],
    ),
    ...places.flatMap(({ name, value, unexpanded }) =>
      isKeyName(name) && unexpanded !== true ? [[name, value.reveal()] as const] : [],
    ),
  ];
  return {
    secrets: [...Object.values(installed?.secrets ?? {}), ...variables.flatMap(([, value]) => secretsIn(value))],
    user: account.user,
    home: account.home,
    hosts: [hostname(), (await read('/etc/hostname')).trim(), ...hostsIn(answers?.localModel.address)],
    resources: answers?.cloud.foundry === undefined ? [] : [answers.cloud.foundry.resource],
  };
}

/** Headers have several; a path or a number is none. */
function secretsIn(value: string): readonly Secret[] {
  const parts = value.split('\n').map((line) => line.replace(/^[\w-]+:\s+/, '').trim());
  return parts.flatMap((part) =>
    /^(?:\/.*|\d+|claude-[a-z]+(?:; local-only)?)$/.test(part) ? [] : [new Secret(part)],
  );
}

/** The name of another machine; its address is found by itself. */
function hostsIn(address: string | undefined): readonly string[] {
  const host = address === undefined ? undefined : /^(?:https?:\/\/)?([^/:]+)/.exec(address)?.[1];
  return host === undefined || /^[\d.]+$/.test(host) ? [] : [host];
}
