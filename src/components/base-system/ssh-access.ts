import type { InstallerStep } from '../../context.ts';
import type { Effect, Probe } from '../../host/host.ts';
import type { Layout } from '../../layout.ts';
import type { Resource, ScriptFound } from '../../resources/resource.ts';
import { counted } from '../../text/counted.ts';

/** sshd ignores keys in files that others could have written; that is the usual reason why a key "does not work". */
const wantedModes = [
  ['.ssh', 0o700],
  ['.ssh/authorized_keys', 0o600],
] as const;

export const sshAccess: InstallerStep = {
  id: 'ssh-access',
  title: 'SSH access',
  guidePhase: 'phase 3',
  why: 'You will log in by SSH; a key is safer and more convenient than a password. Password login is never switched off by this program.',
  requires: [
    {
      name: 'authorized key',
      run: async (probe, { layout, machine }) => {
        const keys = await authorizedKeys(probe, layout);
        if (keys > 0) return { status: 'ok', note: counted(keys, 'authorized key') };
        return {
          status: 'warning',
          code: 'ssh-key-missing',
          problem: `no SSH key is authorized for ${layout.user} yet, so logins ask for the password`,
          fix: `on your own computer, in a terminal:  ssh-copy-id ${layout.user}@${machine.addresses[0] ?? machine.hostName}`,
        };
      },
    },
  ],
  resources: ({ layout }) => [keyModes(layout)],
  advice: ({ layout, machine }) => clientCommands(layout.user, machine.addresses[0] ?? machine.hostName),
};

async function authorizedKeys(probe: Probe, { home }: Layout): Promise<number> {
  const text = (await probe.readFile(`${home}/.ssh/authorized_keys`)) ?? '';
  return text.split('\n').filter((line) => /^[^#\s]/.test(line.trim())).length;
}

function keyModes({ home }: Layout): Resource {
  return {
    kind: 'script',
    id: 'modes-of-ssh',
    title: 'modes of ~/.ssh',
    inspect: async (probe): Promise<ScriptFound> => {
      const wrong: Effect[] = [];
      for (const [name, mode] of wantedModes) {
        const found = await probe.stat(`${home}/${name}`);
        if (found !== undefined && (found.mode & 0o077) !== 0) wrong.push(chmod(`${home}/${name}`, mode));
      }
      return wrong.length === 0
        ? { status: 'ok', note: 'modes are right' }
        : { status: 'change', summary: 'make ~/.ssh private', effects: wrong };
    },
  };
}

function chmod(path: string, mode: number): Effect {
  return { do: 'run', why: `make ${path} private`, command: { file: 'chmod', args: [mode.toString(8), path] } };
}

/** What to type on the person's own computer, for each kind of client. */
export function clientCommands(user: string, address: string): readonly string[] {
  return [
    'To log in with a key (once, on your own computer):',
    '  Windows PowerShell',
    '    ssh-keygen -t ed25519',
    `    type $env:USERPROFILE\\.ssh\\id_ed25519.pub | ssh ${user}@${address} "umask 077; mkdir -p ~/.ssh; cat >> ~/.ssh/authorized_keys"`,
    '  Linux or macOS',
    `    ssh-keygen -t ed25519 && ssh-copy-id ${user}@${address}`,
    `  PuTTY: host ${address}, user ${user}; make a key with PuTTYgen, paste its public line into ~/.ssh/authorized_keys here, and set the .ppk file under Connection > SSH > Auth > Credentials`,
    '  Then',
    `    ssh ${user}@${address}`,
  ];
}
