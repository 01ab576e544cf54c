import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Elsewhere } from '../../../src/cli/begin-work.ts';
import { redirectedMachine } from './redirected-machine.ts';

let folder: string;
let machine: Elsewhere;
beforeEach(() => {
  folder = mkdtempSync(`${tmpdir()}/paper-`);
  const addresses = { 'http://192.168.1.20:1234': 'http://127.0.0.1:9', 'https://': 'http://127.0.0.1:8/' };
  writeFileSync(
    `${folder}/machine.json`,
    JSON.stringify({ account: { user: 'anna', uid: 1234, home: '/home/anna' }, addresses }),
  );
  machine = redirectedMachine(folder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the ground of a paper machine', () => {
  it('has the account that stands in its description', () => {
    expect(machine.account).toEqual({ user: 'anna', uid: 1234, home: '/home/anna' });
  });

  it('puts every path below the folder, once', () => {
    const { path } = machine.ground;
    expect([path('/etc/x'), path(`${folder}/etc/x`), path(folder)]).toEqual([
      `${folder}/etc/x`,
      `${folder}/etc/x`,
      folder,
    ]);
    expect(path(`${folder}-other/x`)).toBe(`${folder}${folder}-other/x`);
  });

  it('leaves a path alone that begins where a person is', () => {
    expect(machine.ground.path('answers.yaml')).toBe('answers.yaml');
  });

  it('leads addresses elsewhere by their beginnings, the first one that fits', () => {
    const { url } = machine.ground;
    expect([
      url('http://192.168.1.20:1234/v1/models'),
      url('https://mise.run'),
      url('http://127.0.0.1:4000/x'),
    ]).toEqual(['http://127.0.0.1:9/v1/models', 'http://127.0.0.1:8/mise.run', 'http://127.0.0.1:4000/x']);
  });

  it('looks for programs in its own directories only', () => {
    expect(machine.searchPath.split(':').every((part) => part.startsWith(`${folder}/`))).toBe(true);
  });
});
