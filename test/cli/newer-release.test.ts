import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { readReleaseNote, releaseNews, tellNewerRelease } from '../../src/cli/newer-release.ts';
import { savedAnswersText } from '../../src/config/saved.ts';
import { answersSchema } from '../../src/config/schema.ts';
import { RealHost } from '../../src/host/real-host.ts';
import { createMasking } from '../../src/host/secret.ts';
import { layoutFor } from '../../src/layout.ts';
import { scriptedUi } from '../machine/doubles/scripted-ui.ts';
import { put, scratchDirectory } from '../render/scratch.ts';

const hour = 3600;
const now = 1_800_000_000;

describe('what is said of a newer release', () => {
  it.each<[note: string | undefined, says: RegExp | undefined, isStale: boolean]>([
    [undefined, undefined, true],
    ['', undefined, true],
    [`${now - hour}`, undefined, false],
    [`${now - hour} 1.2.0`, undefined, false],
    [`${now - hour} 1.1.9`, undefined, false],
    [
      `${now - hour} 1.10.0`,
      /^claude-routing-install 1\.10\.0 is out; this is 1\.2\.0\. .*npx claude-routing-install@latest/,
      false,
    ],
    [`${now - 25 * hour} 2.0.0\n`, /2\.0\.0 is out/, true],
    [`${now + hour} 2.0.0`, /2\.0\.0 is out/, true],
    [`${now - hour} 2.0.0-beta.1`, undefined, true],
    [`${now - hour} \u001b[31m9.9.9`, undefined, true],
    ['<html>', undefined, true],
  ])('%j', (note, says, isStale) => {
    const news = releaseNews(readReleaseNote(note), '1.2.0', now * 1000);
    expect(news.isStale).toBe(isStale);
    if (says === undefined) expect(news.line).toBeUndefined();
    else expect(news.line).toMatch(says);
  });
});

interface Installation {
  /** What stands in for npm. */
  readonly npm: string;
  readonly note?: string;
  readonly tellReleases?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
  readonly interactive?: boolean;
}

/** One end of a command, with whatever stands in for npm. */
async function told({ npm, note, tellReleases = true, environment = {}, interactive = true }: Installation) {
  const home = scratchDirectory();
  const layout = layoutFor({ user: 'anna', uid: process.getuid?.() ?? 0, home });
  const answers = answersSchema.parse({
    version: 1,
    localModel: { address: '192.168.1.20' },
    installer: { tellReleases },
  });
  put(layout.savedAnswers, savedAnswersText(answers));
  put(`${layout.stateDir}/journal.jsonl`, '');
  if (note !== undefined) put(layout.releaseNote, note);
  put(`${home}/bin/npm`, `#!/bin/sh\n${npm}\n`, 0o755);
  const host = new RealHost({
    uid: layout.uid,
    env: { PATH: `${home}/bin:/usr/bin:/bin`, HOME: home },
    backupFolder: `${home}/backups`,
    masking: createMasking(),
  });
  const ui = scriptedUi([], interactive);
  await tellNewerRelease({ ui, host, layout, environment }, now * 1000);
  const noted = (): string | undefined => {
    try {
      return readFileSync(layout.releaseNote, 'utf8');
    } catch {
      return undefined;
    }
  };
  return { said: ui.said.map(({ text }) => text), noted, home };
}

const answering = 'echo "$*" >~/asked; echo "$npm_config_registry" >>~/asked; pwd >>~/asked; echo 9.9.9';

describe('the newest release', () => {
  it('is noted in the background, of the registry that npm is set to, and told by a later command', async () => {
    const environment = { npm_config_registry: 'https://registry.example' };
    const { said, noted, home } = await told({ npm: answering, environment });
    expect(said).toEqual([]);
    await expect.poll(noted).toMatch(/^\d{10} 9\.9\.9\n$/);
    expect(readFileSync(`${home}/asked`, 'utf8')).toBe(
      `view claude-routing-install version\nhttps://registry.example\n${home}\n`,
    );
    expect((await told({ npm: 'exit 1', note: `${now - 60} 9.9.9` })).said).toEqual([
      expect.stringContaining('claude-routing-install 9.9.9 is out'),
    ]);
  });

  it('keeps no command waiting, and is not asked for again meanwhile', async () => {
    const { said, noted, home } = await told({ npm: 'until [ -e ~/answer ]; do sleep 0.05; done; echo 9.9.9' });
    expect(said).toEqual([]);
    await expect.poll(noted).toMatch(/^\d{10}\n$/);
    expect(releaseNews(readReleaseNote(noted()), '1.2.0', Date.now()).isStale).toBe(false);
    put(`${home}/answer`, '');
    await expect.poll(noted, { timeout: 20_000 }).toMatch(/^\d{10} 9\.9\.9\n$/);
  });

  it.each([
    ['refuses', 'echo E404 >&2; touch ~/asked; exit 1'],
    ['chatters', 'yes | head -c 1000000; touch ~/asked'],
  ])('fails nothing when npm %s, and is not asked for again the same day', async (_, npm) => {
    const { said, noted, home } = await told({ npm });
    expect(said).toEqual([]);
    await expect.poll(() => existsSync(`${home}/asked`)).toBe(true);
    expect(readReleaseNote(noted()).newest).toBeUndefined();
    expect(readReleaseNote(noted()).at).toBeGreaterThan(Date.now() - 3_600_000);
  });

  it.each<[string, Partial<Installation>]>([
    ['nobody sits in front', { interactive: false }],
    ['a pipeline runs it', { environment: { CI: 'true' } }],
    ['a variable says so', { environment: { NO_UPDATE_NOTIFIER: '1' } }],
    ['the answer says so in the environment', { environment: { CLAUDE_ROUTING_INSTALLER_TELL_RELEASES: 'false' } }],
    ['the answers say so', { tellReleases: false }],
  ])('is neither told nor asked for where %s', async (_, parts) => {
    const { said, noted, home } = await told({ npm: answering, note: '1 9.9.9', ...parts });
    await pause(50);
    expect({ said, noted: noted() }).toEqual({ said: [], noted: '1 9.9.9' });
    expect(() => readFileSync(`${home}/asked`, 'utf8')).toThrow();
  });
});
