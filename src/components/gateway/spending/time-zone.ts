import type { Probe } from '../../../host/host.ts';
import { lastLine } from '../../../text/said.ts';

/** What a POSIX rule is made of: `CET-1CEST,M3.5.0,M10.5.0/3`, `<+0330>-3:30`. */
const rule = /^[A-Za-z0-9<>+\-,./:]{3,100}$/;

/**
 * The time zone of this machine, or the one that is wanted for it, as a POSIX rule: what the gateway needs to know when a day begins,
 * since its container has no list of zones. UTC where it cannot be told. Source: RFC 8536, the footer of a zone's file.
 */
export async function timeZoneRule(probe: Pick<Probe, 'readFile'>, wanted: string | undefined): Promise<string> {
  const path = wanted === undefined ? '/etc/localtime' : `/usr/share/zoneinfo/${wanted}`;
  const text = await probe.readFile(path).catch(() => undefined);
  const found = lastLine(text ?? '');
  return text?.startsWith('TZif') === true && rule.test(found) ? found : 'UTC0';
}
