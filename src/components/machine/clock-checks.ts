import type { Check, CheckContext, CheckFinding } from '../../checks/check.ts';
import type { HttpReply, Probe } from '../../host/host.ts';
import { aptGet, aptUpdate } from '../../resources/apt-packages.ts';
import type { Resource } from '../../resources/resource.ts';
import { listModels } from '../cloud/anthropic.ts';

/** Seconds from which certificates and signed requests begin to be refused somewhere. */
const tolerable = 60;

export const clock: Check = {
  id: 'clock',
  about: 'clock of this machine against the Date of the cloud',
  on: 'installation',
  look: async (examination) => {
    const [date, settings] = await Promise.all([dateOfCloud(examination), timeSettings(examination.probe)]);
    return clockTroubles({ here: examination.now, there: date, ...settings });
  },
};

/** From the same reply that tells whether the key is accepted, so that nothing is asked twice. */
async function dateOfCloud({ probe, installed }: CheckContext): Promise<number | undefined> {
  const key = installed?.secrets.anthropicKey;
  if (key === undefined) return undefined;
  let date: number | undefined;
  const http = async (request: Parameters<Probe['http']>[0]): Promise<HttpReply> => {
    const reply = await probe.http(request);
    if (reply.reached) date = Date.parse(reply.headers['date'] ?? '');
    return reply;
  };
  await listModels({ http }, key);
  return date === undefined || Number.isNaN(date) ? undefined : date;
}

interface TimeSettings {
  readonly synchronized: boolean;
  /** Whether something that sets the clock is installed. */
  readonly canNtp: boolean;
}

async function timeSettings(probe: Probe): Promise<TimeSettings> {
  const { stdout } = await probe.query({
    file: 'timedatectl',
    args: ['show', '-p', 'NTPSynchronized', '-p', 'CanNTP'],
  });
  return { synchronized: stdout.includes('NTPSynchronized=yes'), canNtp: stdout.includes('CanNTP=yes') };
}

/** Judges this clock (milliseconds) by another one; without another one, by whether anything keeps it right. */
export function clockTroubles({
  here,
  there,
  synchronized,
  canNtp,
}: TimeSettings & { readonly here: number; readonly there: number | undefined }): readonly CheckFinding[] {
  const seconds = there === undefined ? 0 : Math.round((here - there) / 1000);
  if (Math.abs(seconds) <= tolerable && (synchronized || there !== undefined)) return [];
  const wrong = Math.abs(seconds) > tolerable;
  return [
    {
      symptom: wrong ? 'Certificates and keys are rejected although they are valid' : 'The clock may drift',
      code: 'clock-wrong',
      problem: wrong
        ? `the clock of this machine is ${Math.abs(seconds)} s ${seconds < 0 ? 'behind' : 'ahead'}`
        : 'nothing keeps this machine’s clock right',
      evidence: [
        ...(there === undefined
          ? []
          : [
              {
                text: `Date of api.anthropic.com: ${new Date(there).toISOString()}; here: ${new Date(here).toISOString()}`,
              },
            ]),
        { text: `timedatectl: NTPSynchronized=${synchronized ? 'yes' : 'no'}` },
      ],
      severity: wrong ? ('broken' as const) : ('note' as const),
      fixWith: [synchronisation(canNtp)],
    },
  ];
}

function synchronisation(canNtp: boolean): Resource {
  const install = [aptUpdate, aptGet(['install', 'systemd-timesyncd'], 'install systemd-timesyncd')];
  return {
    kind: 'script',
    id: 'clock',
    inspect: async (probe) => {
      const { stdout } = await probe.query({ file: 'timedatectl', args: ['show', '-p', 'NTP', '--value'] });
      return stdout.trim() === 'yes'
        ? { status: 'ok', note: 'is kept in sync' }
        : { status: 'change', summary: 'set the clock from the network' };
    },
    effects: [
      ...(canNtp ? [] : install),
      {
        do: 'run',
        why: 'set the clock from the network',
        command: { file: 'timedatectl', args: ['set-ntp', 'true'], sudo: true },
      },
    ],
  };
}
