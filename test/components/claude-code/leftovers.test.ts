import { describe, expect, it } from 'vitest';
import { differsInChannel, isUnaided } from '../../../src/components/claude-code/remove.ts';
import { saysNothing } from '../../../src/components/docker/remove.ts';
import { usesMore } from '../../../src/components/toolchain/remove.ts';

describe('what the client wrote by itself', () => {
  it.each<[path: string, text: string | undefined, unaided: boolean]>([
    ['.claude.json', '{"installMethod":"native","userID":"a","opusProMigrationComplete":true}', true],
    ['.claude.json', '{"hasCompletedOnboarding":true,"userID":"a"}', true],
    ['.claude.json', '{"hasCompletedOnboarding":true,"lastOnboardingVersion":"2.1.332"}', false],
    ['.claude.json', '{"userID":"a","oauthAccount":{"emailAddress":"x"}}', false],
    ['.claude.json', '{"userID":"a","numStartups":3}', false],
    ['.claude.json', 'half a fi', false],
    ['settings.json', '{"autoUpdatesChannel":"stable"}', true],
    ['settings.json', '{"autoUpdatesChannel":"stable","theme":"dark"}', false],
    ['.credentials.json', '{}', false],
    ['backups/.claude.json.backup.1795730503109', undefined, true],
    ['cache/gateway-models.json', undefined, true],
    ['telemetry/1p_failed_events.4fe7.json', undefined, true],
    ['plugins/store/cc-plugin-agents-md_builtin-b049b47b3618.json', undefined, true],
    ['plugins/store/mine.json', undefined, false],
    ['projects/-home-claude/0a1b.jsonl', undefined, false],
    ['history.jsonl', undefined, false],
    ['CLAUDE.md', undefined, false],
  ])('%s %s', (path, text, unaided) => expect(isUnaided(path, text)).toBe(unaided));
});

describe('settings of the docker client', () => {
  it.each<[string, boolean]>([
    ['{"auths":{},"currentContext":"rootless"}', true],
    ['{"auths": {}}', true],
    ['{"auths":{"registry.example":{"auth":"x"}}}', false],
    ['{"currentContext":"far-away"}', false],
    ['{"credsStore":"pass"}', false],
    ['no JSON', false],
  ])('%s', (text, nothing) => expect(saysNothing(text)).toBe(nothing));
});

describe('mise', () => {
  it.each<[string, boolean]>([
    ['', false],
    ['[tools]\nnode = "22"\n', false],
    ['[tools]\nnode = "22"\nruby = "3"\n', true],
    ['[tools]\nnode = "22"\n[settings]\nexperimental = true\n', true],
  ])('%s is used by a person: %s', (config, more) => expect(usesMore(config, ['node', 'python'])).toBe(more));
});

describe('the client’s settings', () => {
  it.each<[former: string, now: string, same: boolean]>([
    ['{"theme":"dark"}', '{\n  "theme": "dark",\n  "autoUpdatesChannel": "stable"\n}', true],
    ['{"autoUpdatesChannel":"latest"}', '{"autoUpdatesChannel":"stable"}', true],
    ['{"theme":"dark"}', '{"theme":"light","autoUpdatesChannel":"stable"}', false],
    ['{"theme":"dark"}', 'half a fi', false],
  ])('%s, then %s: nothing but the channel differs: %s', (former, now, same) =>
    expect(differsInChannel(former, now)).toBe(same),
  );
});
