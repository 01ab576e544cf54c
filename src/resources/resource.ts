import type { Effect, Probe } from '../host/host.ts';
import type { Secret } from '../host/secret.ts';
import type { Problem, Result } from '../problem.ts';

/** A resource about the machine, as data. The union is closed: a new kind needs a name here and two functions in a file of its own. */
export type Resource =
  | FileResource
  | AptPackagesResource
  | AptSourceResource
  | SystemdUnitResource
  | ContainerResource
  | ScriptResource;

interface Named {
  /** Identifies the resource within its step. Stable: it is in the action log. */
  readonly id: ResourceId;
  /** What it is, for people, if the words of its id do not say it. */
  readonly title?: string;
}

/** What people see as a resource's name: gateway-configuration is the "gateway configuration". */
export function titleOf({ id, title = id.replaceAll('-', ' ') }: Named): string {
  return title;
}

/** A file with a certain content and mode. */
export interface FileResource extends Named {
  readonly kind: 'file';
  readonly path: string;
  /** Mode of the file; of one that is there already only if it is ours alone (`keepMode` false). */
  readonly mode: number;
  /** Leave the mode of an existing file as it is: for files that belong to the person. */
  readonly keepMode?: boolean;
  readonly sudo?: boolean;
  /** The present text is worth nothing: no backup of it is kept. */
  readonly disposable?: boolean;
  /** For a file that is to be removed: whether what is there is ours to remove. */
  readonly isOurs?: (text: string) => boolean;
  /** The present text holds keys, and is not shown when the file is removed. */
  readonly secret?: boolean;
  /** The whole text; a function of the present text for files that are shared with others; undefined for "no such file". */
  readonly content: string | Secret | undefined | ((current: string | undefined) => EditedText);
  /** Mode for parent directories that have to be made; default 0o755. */
  readonly directoryMode?: number;
}

/** What a shared file should become, with notes on what was changed in it; or why it cannot be edited. */
export type EditedText = Result<Edited>;

export interface Edited {
  readonly text: string | Secret;
  readonly notes?: readonly string[];
}

/** Debian packages that must be installed. */
export interface AptPackagesResource extends Named {
  readonly kind: 'apt-packages';
  readonly packages: readonly string[];
  /** Packages that cannot stay beside them; removed only with consent. */
  readonly conflicting?: { readonly packages: readonly string[]; readonly removalAllowed: boolean };
}

/** A foreign package repository as deb822, its key checked against a fingerprint. */
export interface AptSourceResource extends Named {
  readonly kind: 'apt-source';
  /** Name of the .sources file, e.g. "docker". */
  readonly name: string;
  readonly uri: string;
  readonly suite: string;
  readonly components: string;
  readonly architecture: string;
  readonly keyUrl: string;
  readonly keyPath: string;
  /** 40 hexadecimal digits, no spaces. */
  readonly fingerprint: string;
}

/** Of a unit: whether it starts at boot, and whether it runs. What is left out may be as it is. */
export interface UnitState {
  readonly enabled?: boolean;
  readonly active?: boolean;
}

export interface SystemdUnitResource extends Named {
  readonly kind: 'systemd-unit';
  readonly unit: string;
  readonly scope: 'system' | 'user';
  readonly wanted: 'running-at-boot' | 'off' | UnitState;
  /** Shown if the unit does not exist yet. */
  readonly comesWith: string;
}

/** One service of a compose file, running and made from exactly these inputs. */
export interface ContainerResource extends Named {
  readonly kind: 'container';
  readonly name: string;
  readonly composeFile: string;
  readonly project: string;
  readonly service: string;
  /** Hash over everything the container is made of; stands on the container as a label. */
  readonly inputsHash: string;
  /** Files mounted into it, with the text they should have: when one changes, the container must be restarted to see it. */
  readonly mounted: readonly { readonly path: string; readonly content: string }[];
  readonly port: number;
  /** Who would notice a stop of the running container, as a sentence; undefined when nobody would. Asked where it would be stopped. */
  readonly inUse?: (probe: Probe) => Promise<string | undefined>;
  /** Environment for the docker client. */
  readonly env: Readonly<Record<string, string>>;
}

/** Anything else: a look that says whether it is needed, and commands that bring it about. */
export interface ScriptResource extends Named {
  readonly kind: 'script';
  readonly inspect: (probe: Probe) => Promise<ScriptFound>;
  /** What makes the change, if the look does not say so itself. */
  readonly effects?: readonly Effect[];
  /** Folders that its commands write in as this account; root's, after some sudo of the past, they would fail halfway. */
  readonly writesIn?: readonly string[];
}

/** A plan; without effects it means those of the resource. */
export type ScriptFound =
  | Exclude<Plan, { readonly status: 'change' }>
  | {
      readonly status: 'change';
      readonly summary: string;
      readonly effects?: readonly Effect[];
      readonly destructive?: true;
    };

/** What would have to happen for a resource to come true. Shown and performed alike: there is no second account of it. */
export type Plan =
  | { readonly status: 'ok'; readonly note: string }
  | {
      readonly status: 'change';
      readonly summary: string;
      readonly effects: readonly Effect[];
      /** Removes or stops something that exists: the person sees it before anything else. */
      readonly destructive?: true;
      /** Things worth telling about the change, e.g. lines that leave a shared file. */
      readonly notes?: readonly string[];
      /** Texts before and after, for the diff. */
      readonly edit?: { readonly path: string; readonly before: string | Secret; readonly after: string | Secret };
    }
  | ({ readonly status: 'blocked' } & Problem)
  | { readonly status: 'later'; readonly waitsFor: string };

/** The resources of which there is only one. */
const single = [
  ...['account', 'authorized-key', 'base-packages', 'clock', 'full-upgrade', 'half-installed-packages', 'linger'],
  ...['modes-of-ssh', 'package-lists', 'packages', 'service-manager', 'sudo-group', 'time-zone', 'unattended-upgrades'],
  ...['fail2ban', 'fail2ban-reads-the-journal', 'fail2ban-service'],
  ...['firewall', 'firewall-at-boot', 'firewall-loaded', 'firewall-rules', 'firewall-service', 'nftables'],
  'this-ssh-connection-stays-open',
  ...['docker-client-settings', 'docker-context', 'docker-packages', 'docker-repository', 'engine-service'],
  ...['first-container', 'images-and-containers', 'repository-as-before', 'rootful-containers', 'rootless-setup'],
  ...['compose-file', 'folder-of-the-request-log', 'gateway-configuration', 'gateway-container', 'gateway-image'],
  ...['gateway-image-ahead', 'hand-made-gateway', 'sealed-folders', 'throw-away-gateway'],
  ...['wake-script', 'wake-service', 'wake-path', 'watch-for-wakes'],
  ...['former-image', 'image', 'image-before-the-former-one', 'image-that-did-not-do', 'kept-image', 'previous-image'],
  ...['candidate-image', 'candidate-removed', 'model-loaded', 'mise', 'tools', 'toolchain'],
  ...[
    'claude-code',
    'claude-code-ahead',
    'claude-code-repository',
    'traces-of-the-first-start',
    'your-client-settings',
  ],
  ...['effort-of-the-routed-mode', 'first-start', 'routed-settings', 'status-line', 'variables-of-the-service-manager'],
  ...['shell-environment', 'zsh-environment', 'fish-environment'],
  ...['sentinel-last-word', 'sentinel-script', 'sentinel-service', 'sentinel-timer', 'timer-of-the-sentinel'],
  ...['keys', 'your-answers', 'backup', 'backups', 'former-value'],
  ...['drafts-of-a-run-that-was-cut-off', 'empty-folders', 'journal', 'logs-and-proofs', 'own-records', 'report'],
] as const;

/** The kinds of which there is one for each path, name or image. */
type Several =
  | 'completion'
  | 'gateway-module'
  | 'launcher'
  | 'manual-page'
  | 'put-back'
  | 'repository'
  | 'repository-key'
  | 'rootful-unit'
  | 'start-up-file'
  | 'subordinate-ids'
  | 'unused-image'
  | 'variables';

/** Identifies a resource, in the program and in the action log. Its title is only for people, and may change. */
export type ResourceId = (typeof single)[number] | `${Several}:${string}`;
