import { byId, type Check, type CheckFinding, type InstalledCheckContext, type Words } from '../../checks/check.ts';
import { readEnvFile } from '../../config/env-file.ts';
import { secretVariables } from '../../config/secrets.ts';
import type { Problem } from '../../problem.ts';
import type { Resource } from '../../resources/resource.ts';
import { listGatewayModels, requiresKey } from '../gateway/requests/client.ts';
import { gateway } from '../gateway/step.ts';
import { readSecrets } from '../secrets-file/secrets-env.ts';
import { secrets } from '../secrets-file/step.ts';

/** The file of keys: closed to others, with each key in it once. */
export const secretsFile: Check = {
  id: 'secrets-file',
  about: 'the key file is closed to others and has each key once',
  on: 'installation',
  look: async ({ probe, layout, installed }) => {
    const path = layout.secretsFile;
    const [stat, text] = await Promise.all([probe.stat(path), probe.readFile(path)]);
    if (stat === undefined || text === undefined) return [];
    const fixWith = byId(await secrets.resources(installed, probe), 'keys');
    const open = stat.kind === 'file' && (stat.mode & 0o077) !== 0;
    const wide: CheckFinding = {
      symptom: 'Other accounts on this machine can read your keys',
      code: 'secrets-file-open',
      problem: `the mode of the key file is ${stat.mode.toString(8)} and should be 600`,
      evidence: [{ path, text: `mode ${stat.mode.toString(8)}` }],
      fixWith,
    };
    return [...(open ? [wide] : []), ...twice(path, text).map((words): CheckFinding => ({ ...words, fixWith }))];
  },
};

/** Keys to which the file gives more than one value. The values are not shown. */
export function twice(path: string, text: string): readonly Words[] {
  const { assignments } = readEnvFile(text);
  return Object.values(secretVariables).flatMap((variable) => {
    const lines = assignments.filter(({ name }) => name === variable);
    if (new Set(lines.map(({ value }) => value)).size < 2) return [];
    return [
      {
        symptom: 'A key that was changed is still used, or the other way round',
        code: 'secrets-file-unclear',
        problem: `${variable} is in the key file ${lines.length} times, with different values; the last one counts`,
        evidence: lines.map(({ line }) => ({ path, line, text: variable })),
      },
    ];
  });
}

/** Row "401 Malformed API Key" of the guide. */
export const gatewayKey: Check = {
  id: 'gateway-key',
  about: 'the gateway’s own key is there, and the gateway accepts it and nothing else',
  on: 'installation',
  look: async (examination) => {
    const { probe, layout, installed } = examination;
    const text = (await probe.readFile(layout.secretsFile)) ?? '';
    const kept = readSecrets(text).gatewayKey;
    if (kept === undefined) return [await keyMissing(examination, text)];
    const [wantsKey, offered] = await Promise.all([
      requiresKey(probe, layout.gatewayUrl),
      listGatewayModels(probe, layout.gatewayUrl, kept),
    ]);
    if (wantsKey.ok && !wantsKey.value) return [wideOpen(examination)];
    if (offered.ok || offered.problem.code !== 'gateway-key-refused') return [];
    return [keyRefused(layout.secretsFile, offered.problem, await containerFix({ ...examination, installed }))];
  },
};

async function keyMissing(examination: InstalledCheckContext, text: string): Promise<CheckFinding> {
  const { probe, layout, installed } = examination;
  const variable = secretVariables.gatewayKey;
  const line = text.split('\n').findIndex((row) => row.includes(`${variable}=`)) + 1;
  const keys = byId(await secrets.resources(installed, probe), 'keys');
  return {
    symptom: '401 Malformed API Key … Bearer; the launchers refuse to start',
    code: 'key-missing',
    problem: `${variable} is ${line === 0 ? 'missing' : 'empty or not usable'} in the key file`,
    evidence: [{ path: layout.secretsFile, ...(line === 0 ? {} : { line }), text: variable }],
    explains: ['keys'],
    fixWith: [...keys, ...(await containerFix(examination))],
  };
}

function keyRefused(path: string, { problem }: Problem, fixWith: readonly Resource[]): CheckFinding {
  return {
    symptom: '401 from the gateway, in every launcher',
    code: 'gateway-key-refused',
    problem: 'the gateway was started with a different key from the one in the key file',
    evidence: [{ path, text: problem }],
    fixWith,
  };
}

function wideOpen({ layout }: InstalledCheckContext): CheckFinding {
  return {
    symptom: 'Anyone on this machine can spend your money',
    code: 'gateway-open',
    problem: `${layout.gatewayUrl} answers requests without a key`,
    evidence: [{ text: `GET ${layout.gatewayUrl}/v1/models without a key: 200` }],
    fix: `docker stop ${layout.containerName}   then  claude-routing-install`,
  };
}

/** The compose file and the container, made anew as wanted. */
async function containerFix({ installed, probe }: InstalledCheckContext): Promise<readonly Resource[]> {
  return byId(await gateway.resources(installed, probe), 'compose-file', 'gateway-container');
}
