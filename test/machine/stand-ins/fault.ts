/** Which kind of request a fault strikes. `any` strikes all of them, `other` those for paths that do not exist. */
export type FaultPlace = 'any' | 'models' | 'load' | 'generation' | 'count-tokens' | 'download' | 'other';

/**
 * What goes wrong. All delays are milliseconds.
 * - `status`: this status with this body (a string is sent as text, anything else as JSON)
 * - `error`: one of the stand-in's own named errors, in its own words and shape
 * - `silence`: nothing for that long before the first byte, then the usual answer; without a length, nothing at all
 * - `disconnect`: the connection is cut before the first byte
 * - `die`: the connection is cut after that many stream events, or half-way through a plain answer
 * - `malformed`: 200 with JSON that ends too early; `html`: 200 with a web page; `empty`: 200 with no body at all
 * - `raw`: these letters as bytes (latin-1) on the bare connection, and its end, its reset, or neither
 * - `trickle`: that pause before every stream event, or before every tenth of a plain answer
 */
export type Fault = {
  readonly on: FaultPlace;
  /** How many requests it strikes before it is gone; without it, every one. */
  times?: number;
} & (
  | {
      readonly does: 'status';
      readonly status: number;
      readonly body?: unknown;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | { readonly does: 'error'; readonly error: string }
  | { readonly does: 'silence'; readonly milliseconds?: number }
  | { readonly does: 'disconnect' }
  | { readonly does: 'die'; readonly afterEvents: number }
  | { readonly does: 'malformed' }
  | { readonly does: 'html' }
  | { readonly does: 'empty' }
  | { readonly does: 'trickle'; readonly milliseconds: number }
  | { readonly does: 'raw'; readonly text: string; readonly end?: 'reset' | 'never' }
);

/** Takes the first fault meant for this place out of the list's budget; undefined when none applies. */
export function takeFault(faults: Fault[], place: FaultPlace): Fault | undefined {
  const index = faults.findIndex((fault) => fault.on === 'any' || fault.on === place);
  const fault = faults[index];
  if (fault?.times === undefined) return fault;
  fault.times -= 1;
  if (fault.times <= 0) faults.splice(index, 1);
  return fault;
}
