import type { Context, InstallerStep } from '../../context.ts';
import { rootfulContainers } from '../../docker-client/docker.ts';
import type { Probe } from '../../host/host.ts';
import type { Resource, ScriptFound, SystemdUnitResource } from '../../resources/resource.ts';
import { inspectSystemdUnit } from '../../resources/systemd-unit.ts';
import { counted } from '../../text/counted.ts';

/** Docker's release key. Source: docs.docker.com, "Install Docker Engine on Debian". */
const dockerFingerprint = '9DC858229FC7DD38854AE2D88D81803C0EBFCD88';
const dockerUri = 'https://download.docker.com/linux/debian';

/** docker-ce only recommends the rootless extras, and nothing depends on uidmap: both are named. */
export const dockerPackages = [
  'docker-ce',
  'docker-ce-cli',
  'containerd.io',
  'docker-buildx-plugin',
  'docker-compose-plugin',
  'docker-ce-rootless-extras',
  'uidmap',
  'dbus-user-session',
  'slirp4netns',
] as const;

/** Debian's own packages that Docker's conflict with. Source: docs.docker.com and docker-ce's control file; docker-buildx was seen to hold a file that Docker's plug-in brings. */
const conflictingPackages = [
  'docker.io',
  'docker-doc',
  'docker-compose',
  'docker-cli',
  'docker-buildx',
  'podman-docker',
  'containerd',
  'runc',
  'rootlesskit',
] as const;

export const dockerEngine: InstallerStep = {
  id: 'docker-engine',
  title: 'Docker engine',
  guidePhase: 'phase 4a',
  why: "Docker's own packages, from its signed repository. The engine that runs as root is switched off: the gateway needs none.",
  resources: (context) => [
    repository(context),
    {
      kind: 'apt-packages',
      id: 'docker-packages',
      title: 'Docker packages',
      packages: dockerPackages,
      conflicting: { packages: conflictingPackages, removalAllowed: context.answers.docker.removeConflicting },
    },
    ...(context.answers.docker.keepRootful
      ? []
      : [rootfulInUse, rootfulOff('docker.service'), rootfulOff('docker.socket')]),
  ],
};

function repository({ answers, machine }: Context): Resource {
  const mirror = answers.docker.repository;
  return {
    kind: 'apt-source',
    id: 'docker-repository',
    title: 'Docker repository',
    name: 'docker',
    uri: mirror?.uri ?? dockerUri,
    suite: 'trixie',
    components: 'stable',
    architecture: machine.architecture,
    keyUrl: `${mirror?.uri ?? dockerUri}/gpg`,
    keyPath: '/etc/apt/keyrings/docker.asc',
    fingerprint: mirror?.fingerprint ?? dockerFingerprint,
  };
}

/** Stopping the rootful engine stops its containers, on which somebody may depend. */
const rootfulInUse: Resource = {
  kind: 'script',
  id: 'rootful-containers',
  inspect: async (probe: Probe): Promise<ScriptFound> => {
    const { active } = await inspectSystemdUnit(probe, rootfulOff('docker.service'));
    if (!active) return { status: 'ok', note: 'no rootful engine runs' };
    const { exitCode, stdout } = await probe.query(rootfulContainers);
    if (exitCode !== 0) return { status: 'later', waitsFor: 'sudo, to see whether the rootful engine runs containers' };
    const running = stdout.split('\n').filter((id) => id.trim() !== '').length;
    if (running === 0) return { status: 'ok', note: 'no rootful containers' };
    return {
      status: 'blocked',
      code: 'rootful-docker-in-use',
      problem: `the rootful Docker engine runs ${counted(running, 'container')}, and switching it off would stop them`,
      fix: 'keep it with  --set docker.keepRootful=true  or stop them yourself first:  sudo docker ps',
      agreement: { key: 'docker.keepRootful', label: 'leave the rootful engine running' },
    };
  },
};

function rootfulOff(unit: string): SystemdUnitResource {
  return {
    kind: 'systemd-unit',
    id: `rootful-unit:${unit}`,
    title: `rootful ${unit}`,
    unit,
    scope: 'system',
    wanted: 'off',
    comesWith: 'the package docker-ce',
  };
}
