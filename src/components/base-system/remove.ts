import { commandsRun, sha256 } from '../../engine/action-log.ts';
import type { Kept } from '../../engine/event.ts';
import type { Probe } from '../../host/host.ts';
import type { FileResource, Resource, ResourceId } from '../../resources/resource.ts';
import { shellWord } from '../../shell/word.ts';
import { filesKept, type OwnFile, takenOff } from '../../uninstall/former-file.ts';
import { isNew, mayBeOurs, ourTexts, packagesBrought, unitAsBefore } from '../../uninstall/provenance.ts';
import { existing, type Removal, type RemovalStep } from '../../uninstall/removal.ts';
import { firewallUnit, includeLine, mainPath, rulesPath } from './firewall.ts';
import { fail2banUnit, jailPath, jailText, periodic } from './step.ts';

export const baseSystem: RemovalStep = {
  id: 'base-system',
  title: 'base system',
  guidePhase: 'phase 1',
  why: 'The firewall rules always go. Settings of packages stay with their packages.',
  undoes: ['base-system', 'ssh-access'],
  resources: async (removal, probe) => [
    firewallOff(removal),
    ...(await takenOff(removal, [firewallRules], probe)),
    ...(await withoutInclude(removal, probe)),
    ...unitsBack(removal),
    ...(await takenOff(removal, packageSettings(removal), probe)),
  ],
  kept,
};

const firewallRules: OwnFile = {
  id: 'firewall-rules',
  path: rulesPath,
  isOurs: (text) => text.startsWith('# Written by claude-routing-install'),
  sudo: true,
};

/** Only root can see whether the rules are loaded; while their file exists, they count as loaded. */
const firewallOff = ({ history }: Removal): Resource => ({
  kind: 'script',
  id: 'firewall',
  inspect: async (probe) => {
    const [rules, nft] = await Promise.all([probe.readFile(rulesPath), probe.stat('/usr/sbin/nft')]);
    const ours = rules !== undefined && firewallRules.isOurs(rules) && mayBeOurs(history, rulesPath);
    return !ours || nft === undefined
      ? { status: 'ok', note: 'no rules of ours' }
      : { status: 'change', summary: 'remove our rules from the kernel', destructive: true };
  },
  effects: [
    {
      do: 'run',
      why: 'remove our rules from the kernel',
      // Declared again before it is deleted, so that deleting works whether or not it exists.
      command: {
        file: 'nft',
        args: ['-f', '-'],
        input: 'table inet claude_routing\ndelete table inet claude_routing\n',
        sudo: true,
      },
    },
  ],
});

async function withoutInclude(removal: Removal, probe: Probe): Promise<readonly FileResource[]> {
  const text = await probe.readFile(mainPath);
  const ours = ourTexts(removal.history, mainPath);
  if (!mayBeOurs(removal.history, mainPath)) return [];
  const alone = (await probe.list('/etc/nftables.d')).every((name) => rulesPath.endsWith(`/${name}`));
  if (text === undefined || !text.includes(includeLine) || (ours.size === 0 && !alone)) return [];
  const original = removal.originals.get(mainPath);
  const about = { kind: 'file', id: 'firewall-at-boot', path: mainPath, sudo: true, disposable: true } as const;
  if (ours.has(sha256(text))) {
    if (original?.text !== undefined) return [{ ...about, mode: original.mode, content: original.text }];
    if (isNew(removal, mainPath)) return [{ ...about, mode: 0o755, content: undefined }];
  }
  if (original?.text?.includes(includeLine) === true || (ours.size === 0 && original === undefined && !alone))
    return [];
  const content = text.replace(`${includeLine}\n`, '');
  return [{ ...about, mode: 0o755, keepMode: true, content }];
}

/** Units of packages that were there before; what came with us goes with its package, or stays with it. */
function unitsBack({ history }: Removal): readonly Resource[] {
  const unit = (id: ResourceId, name: string, comesWith: string): readonly Resource[] =>
    unitAsBefore(history, { id, unit: name, scope: 'system', comesWith });
  return [
    ...unit('firewall-service', firewallUnit, 'the package nftables'),
    ...(packagesBrought(history).includes('fail2ban')
      ? []
      : unit('fail2ban-service', fail2banUnit, 'the package fail2ban')),
  ];
}

const jail: OwnFile = {
  id: 'fail2ban-reads-the-journal',
  path: jailPath,
  isOurs: (text) => text === jailText,
  sudo: true,
};
const upgrades: OwnFile = { id: 'unattended-upgrades', path: periodic, isOurs: () => false, sudo: true };

/** Settings that belong to a package: they go with it, or at once when the package was there before. */
function packageSettings(removal: Removal): readonly OwnFile[] {
  const brought = packagesBrought(removal.history);
  const settings = [['fail2ban', jail] as const, ['unattended-upgrades', upgrades] as const];
  return settings.flatMap(([name, file]) => (removal.purge || !brought.includes(name) ? [file] : []));
}

async function kept(removal: Removal, probe: Probe): Promise<readonly Kept[]> {
  const { history } = removal;
  const going = packageSettings(removal);
  const staying = [jail, upgrades].filter((file) => !going.includes(file) && ourTexts(history, file.path).size > 0);
  const paths = await existing(
    probe,
    staying.map(({ path }) => path),
  );
  const settings = paths.map((path) => ({
    what: path,
    why: 'it belongs to a package that stays',
    command: `sudo rm ${shellWord(path)}`,
    purgeable: true,
  }));
  return [...(await filesKept(removal, [firewallRules, ...going], probe)), ...settings, ...notUndone(removal)];
}

/** What cannot be undone, or should not be. */
function notUndone({ history, before }: Removal): readonly Kept[] {
  const zone = commandsRun(history, 'timedatectl', 'set-timezone').at(-1)?.args.at(-1);
  const modes = commandsRun(history, 'chmod').filter(({ args }) => args.some((word) => /\/\.ssh(\/|$)/.test(word)));
  const upgraded = commandsRun(history, 'apt-get').some(({ args }) => args.at(-1) === 'full-upgrade');
  return [
    ...(zone === undefined || zone === before?.timezone ? [] : [zoneKept(zone, before?.timezone)]),
    ...(upgraded ? [{ what: 'upgraded packages', why: 'an upgrade cannot be undone' }] : []),
    ...(modes.length === 0
      ? []
      : [{ what: 'strict modes of ~/.ssh', why: 'sshd ignores keys in files that others may write' }]),
  ];
}

function zoneKept(zone: string, former: string | undefined): Kept {
  const why = 'jobs and logs depend on it';
  return { what: `time zone ${zone}`, why, command: `sudo timedatectl set-timezone ${former ?? 'ZONE'}` };
}
