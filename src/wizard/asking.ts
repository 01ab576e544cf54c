import type { ServerFound } from '../components/lm-studio/local-server.ts';
import type { Answers } from '../config/schema.ts';
import type { Secrets } from '../config/secrets.ts';
import type { MachineFacts } from '../context.ts';
import type { Probe } from '../host/host.ts';
import type { Secret } from '../host/secret.ts';
import type { Ui } from '../ui/ui.ts';
import type { Begun } from './first-question.ts';
import type { Questions } from './questions.ts';

/** What the questions need besides the person. */
export interface Interview {
  readonly ui: Ui;
  readonly probe: Pick<Probe, 'http' | 'query'>;
  readonly machine: MachineFacts;
  /** Offered as defaults. */
  readonly earlier: Answers | undefined;
  /** Keys that are known already; offered to be kept. */
  readonly known: Secrets;
  /** What was asked already. */
  readonly begun?: Begun | undefined;
}

/** The interview while it goes on. */
export interface Asking extends Interview {
  readonly questions: Questions;
}

/** What the questions about one cloud came to; `back` when the person would rather choose another one. */
export type Asked<Found> = (Found & { readonly secrets: Partial<Secrets> }) | 'back';

/** A server that answers and has a model that can be used. */
export interface ServerAsked {
  readonly address: string;
  readonly token: Secret | undefined;
  readonly found: ServerFound;
}
