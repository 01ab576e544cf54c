import { describe, expect, it } from 'vitest';
import { type DriftState, fileColumns, fileState, planState, type Versions } from '../../src/engine/drift.ts';
import type { Plan } from '../../src/resources/resource.ts';

const [a, b, c] = ['a'.repeat(64), 'b'.repeat(64), 'c'.repeat(64)];
const at = (hash: string, mode = 0o600) => ({ hash, mode });

describe('a file as written, as it is and as wanted', () => {
  it.each<[state: DriftState, versions: Versions]>([
    ['as-wanted', { written: a, now: at(a), wanted: at(a), shared: false }],
    ['as-wanted', { written: undefined, now: at(a), wanted: at(a), shared: false }],
    ['as-wanted', { written: a, now: at(b), wanted: at(b), shared: false }],
    ['as-wanted', { written: a, now: at(a, 0o644), wanted: { hash: a }, shared: true }],
    ['as-wanted', { written: undefined, now: undefined, wanted: undefined, shared: false }],
    ['mode-differs', { written: a, now: at(a, 0o644), wanted: at(a), shared: false }],
    ['changed-here', { written: a, now: at(b), wanted: at(a), shared: false }],
    ['changed-here', { written: a, now: at(b), wanted: at(c), shared: true }],
    ['changed-here', { written: undefined, now: at(b), wanted: at(c), shared: true }],
    ['wanted-otherwise', { written: a, now: at(a), wanted: at(b), shared: false }],
    ['wanted-otherwise', { written: a, now: at(a), wanted: at(b), shared: true }],
    ['both', { written: a, now: at(b), wanted: at(c), shared: false }],
    ['never-written', { written: undefined, now: at(b), wanted: at(c), shared: false }],
    ['missing', { written: a, now: undefined, wanted: at(a), shared: false }],
    ['missing', { written: undefined, now: undefined, wanted: at(a), shared: true }],
    ['extra', { written: a, now: at(a), wanted: undefined, shared: false }],
    ['extra', { written: undefined, now: at(b), wanted: undefined, shared: false }],
  ])('%s: %j', (state, versions) => {
    expect(fileState(versions)).toBe(state);
  });

  it('is shown by short hashes, or by its modes where only those differ', () => {
    const versions = { written: a, now: at(b), wanted: at(a), shared: false };
    expect(fileColumns(versions)).toEqual({ written: 'aaaaaaaa', now: 'bbbbbbbb', wanted: 'aaaaaaaa' });
    expect(fileColumns({ ...versions, written: undefined, now: undefined })).toEqual({
      written: 'never',
      now: 'none',
      wanted: 'aaaaaaaa',
    });
    expect(fileColumns({ ...versions, now: at(a, 0o644) })).toEqual({ now: 'mode 644', wanted: 'mode 600' });
  });
});

describe('a live object', () => {
  it.each<[plan: Plan, expected: object]>([
    [
      { status: 'ok', note: 'runs' },
      { state: 'as-wanted', note: 'runs' },
    ],
    [
      { status: 'change', summary: 'start it', effects: [] },
      { state: 'not-as-wanted', note: 'to do: start it' },
    ],
    [
      { status: 'later', waitsFor: 'rootless Docker' },
      { state: 'unknown', note: 'unknown without rootless Docker' },
    ],
    [
      { status: 'blocked', code: 'port-taken', problem: 'the port is taken', fix: 'stop it' },
      { state: 'not-as-wanted', note: 'the port is taken. Fix: stop it' },
    ],
  ])('is what its plan says: %j', (plan, expected) => {
    expect(planState(plan)).toEqual(expected);
  });
});
