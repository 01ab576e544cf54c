import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { checks } from '../../src/registry/checks.ts';
import { steps } from '../../src/registry/steps.ts';

const text = await readFile(new URL('../../docs/guide-parity.md', import.meta.url), 'utf8');

it('names checks that the doctor has', () => {
  const rows = text.slice(text.indexOf('## Troubleshooting'), text.indexOf('## By hand'));
  const named = [...rows.matchAll(/`([a-z-]+)`/g), ...text.matchAll(/--only ([a-z-]+)`/g)].map(([, id]) => id);
  expect(named.length).toBeGreaterThan(12);
  expect(named.filter((id) => id !== 'doctor' && !checks.some((check) => check.id === id))).toEqual([]);
});

it('names steps as a plan does', () => {
  const named = [...text.matchAll(/step "([^"]+)"/g)].map(([, title]) => title);
  expect(named.length).toBeGreaterThan(8);
  expect(named.filter((title) => !steps.some((step) => step.title === title))).toEqual([]);
});
