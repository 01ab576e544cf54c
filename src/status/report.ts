import type { SpendingFacts } from '../components/gateway/spending.ts';
import type { QueueLimit } from '../components/lm-studio/server-limits.ts';
import type { AtWork } from '../engine/at-work.ts';
import type { Compared } from '../engine/drift.ts';
import type { Problem } from '../problem.ts';

/**
 * What could be found out, or why it could not. Programs read this as JSON, where the facts themselves and their problem
 * have always stood in the same place without a tag; so here, and here alone, the fields that are there decide.
 */
export type Looked<Facts> = Facts | Problem;

/** Whether it could not be found out. No facts have a field of this name. */
export function isUnknown(looked: Looked<object>): looked is Problem {
  return 'problem' in looked;
}

/** Everything that `status` tells, as `--json` prints it. A new meaning gets a new version. */
export interface StatusReport {
  readonly version: 1;
  /** Every file and object is as wanted. */
  readonly asWanted: boolean;
  readonly program: ProgramFacts;
  readonly system: SystemFacts;
  readonly docker: Looked<DockerFacts>;
  readonly container: Looked<ContainerFacts>;
  readonly gateway: Looked<GatewayFacts>;
  readonly claudeCode: Looked<ClientFacts>;
  /** null: not chosen. */
  readonly mise: Looked<{ readonly version: string }> | null;
  /** The first server of the local model. */
  readonly localModel: Looked<LocalFacts>;
  /** The further ones; empty where there is one. */
  readonly moreLocalServers: readonly { readonly address: string; readonly found: Looked<LocalFacts> }[];
  /** null: its machine is not woken. */
  readonly wake: WakeFacts | null;
  readonly routing: Looked<RoutingFacts>;
  /** null: there is no ceiling. */
  readonly spending: Looked<SpendingFacts> | null;
  readonly launchers: Looked<{ readonly files: readonly LauncherFacts[] }>;
  readonly keys: Looked<{ readonly fingerprints: Readonly<Record<string, string>> }>;
  readonly proven: ProvenFacts;
  readonly sentinel: SentinelFacts;
  readonly lastRun: RunFacts | null;
  /** The process of a run that is under way. */
  readonly underWay: number | null;
  /** A program that changes this machine meanwhile, e.g. apt-get: what differs may be half finished. */
  readonly atWork: AtWork | null;
  readonly drift: Looked<DriftFacts>;
}

export interface ProgramFacts {
  readonly version: string;
  /** Of the program that wrote last here; null where the journal does not say. */
  readonly wroteLast: string | null;
}

export interface SystemFacts {
  readonly name: string;
  readonly freeGigabytes: number | null;
  /** Services run without a login. */
  readonly linger: boolean;
  readonly engineUnit: Looked<{ readonly active: boolean; readonly enabled: boolean }>;
}

export interface DockerFacts {
  readonly version: string;
  readonly rootless: true;
}

export interface ContainerFacts {
  readonly name: string;
  /** With tag, and digest where it is pinned. */
  readonly image: string;
  readonly imageId: string | null;
  readonly running: boolean;
  readonly startedAt: string;
  readonly health: string | null;
  readonly restarts: number | null;
}

export interface GatewayFacts {
  readonly url: string;
  readonly ms: number;
  /** Of LiteLLM; null where it does not tell. */
  readonly litellm: string | null;
}

export interface ClientFacts {
  readonly version: string;
  readonly channel: string;
  readonly source: 'native' | 'apt';
}

export interface LocalFacts {
  readonly address: string;
  readonly server: string;
  readonly ms: number;
  readonly chosen: string | null;
  /** How many requests the gateway sends it at once. */
  readonly queue: QueueLimit;
  /** The chosen one, and others that are loaded. */
  readonly models: readonly {
    readonly id: string;
    readonly chosen: boolean;
    /** null where the server does not tell. */
    readonly loaded: boolean | null;
    readonly contextWindow: number | null;
  }[];
}

/** The local model's machine as it is woken. */
export interface WakeFacts {
  readonly mac: string;
  /** Seconds. */
  readonly patience: number;
  /** Of what waits for the gateway's wake-up request. */
  readonly unit: Looked<{ readonly active: boolean; readonly enabled: boolean }>;
}

export interface RoutingFacts {
  readonly profile: string;
  readonly label: string;
  readonly goes: string;
  readonly failover: 'true' | 'background' | 'false';
  /** The cloud's model in front, or the one that takes over, by the gateway's name for it; null where nothing of claude-routed goes to a cloud. */
  readonly cloud: string | null;
  /** Folders whose text goes to no cloud, as the answers name them. */
  readonly sealed: readonly string[];
}

export interface LauncherFacts {
  readonly name: string;
  readonly path: string;
  readonly present: boolean;
  /** The model that it begins with, by the gateway's name for it. */
  readonly goes: string;
  /** What this shell would start instead; null where nothing is in the way. */
  readonly shadowedBy: string | null;
  /** Its directory is on this shell's PATH. */
  readonly onPath: boolean;
}

export interface ProvenFacts {
  readonly at: string | null;
  readonly claudeCode: string | null;
  /** Short id of the gateway's image. */
  readonly image: string | null;
  /** What has changed since; empty when it holds as it was proven. */
  readonly changedSince: readonly string[];
}

export interface SentinelFacts {
  readonly chosen: boolean | null;
  readonly timer: Looked<{ readonly active: boolean }> | null;
  /** What it found last; null: nothing yet. */
  readonly found: { readonly result: 'ok' | 'failed' | 'untried'; readonly at: string; readonly reason: string } | null;
}

export interface RunFacts {
  readonly id: string;
  readonly command: string | null;
  readonly version: string | null;
  readonly began: string;
  /** null: ended before it could say, or under way. */
  readonly exitCode: number | null;
  readonly actions: number;
}

export interface DriftFacts {
  readonly asWanted: number;
  readonly objects: readonly Compared[];
}
