import { usage } from '../../src/commands/usage.ts';
import type { Host } from '../../src/host/host.ts';
import { RealHost } from '../../src/host/real-host.ts';
import { createMasking } from '../../src/host/secret.ts';
import { layoutFor } from '../../src/layout.ts';
import type { Program } from '../../src/session/program.ts';
import type { Usage } from '../../src/usage/usage.ts';
import type { UsagePeriod } from '../../src/usage/words.ts';
import { type ScriptedUi, scriptedUi } from '../machine/doubles/scripted-ui.ts';

/** A program that reads a request log and does nothing else: whatever it were to ask of anything else would fail. */
export interface UsageBox {
  readonly program: Program;
  readonly ui: ScriptedUi;
}

export function usageBox(requestLogDir: string, host: Host = realHost()): UsageBox {
  const account = { user: 'anna', uid: 1000, home: '/home/anna' };
  const ui = scriptedUi();
  const used: Pick<Program, 'host' | 'ui' | 'layout' | 'account'> = {
    host,
    ui,
    account,
    layout: { ...layoutFor(account), requestLogDir },
  };
  return { program: used as Program, ui };
}

/** What `usage --json` prints for a directory. */
export async function usageJson(requestLogDir: string, now?: Date): Promise<Usage & { readonly period: UsagePeriod }> {
  const box = usageBox(requestLogDir);
  await usage(box.program, { days: 7 }, now);
  return box.ui.results[0]?.[1] as Usage & { readonly period: UsagePeriod };
}

function realHost(): Host {
  return new RealHost({ uid: 1000, env: {}, backupFolder: '/nowhere', masking: createMasking() });
}
