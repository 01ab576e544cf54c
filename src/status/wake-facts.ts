import type { Answers } from '../config/schema.ts';
import type { Probe } from '../host/host.ts';
import type { Layout } from '../layout.ts';
import { lookAtUnit } from './engine-facts.ts';
import { isUnknown, type WakeFacts } from './report.ts';
import { type Row, row } from './rows.ts';

/** null: not chosen. */
export async function lookAtWake(
  probe: Probe,
  { wakePath }: Layout,
  wake: Answers['localModel']['wake'],
): Promise<WakeFacts | null> {
  if (wake === undefined) return null;
  return { ...wake, unit: await lookAtUnit(probe, wakePath.split('/').at(-1) ?? '') };
}

/** Nothing where it was not chosen. */
export function wakeRows(wake: WakeFacts | null): readonly Row[] {
  if (wake === null) return [];
  const name = 'its machine';
  const { mac, patience, unit } = wake;
  if (isUnknown(unit)) return [row(name, unit, () => '')];
  if (unit.active && unit.enabled) return [[name, `${mac} is woken when it is silent; requests wait ${patience} s`]];
  const fix = 'claude-routing-install doctor --fix --only wake';
  return [[name, `${mac} is not woken: claude-routing-wake.path does not run. Fix: ${fix}`, 'warning']];
}
