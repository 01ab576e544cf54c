import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { gatewayImage } from '../../src/components/gateway/image.ts';
import { answersJsonSchema } from '../../src/config/answers-file.ts';
import { schemaLine } from '../../src/config/saved.ts';
import { builtProgram } from '../machine/paper/installer.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = `${root}.github/workflows`;
const workflows = readdirSync(folder).map((name) => [name, readFileSync(`${folder}/${name}`, 'utf8')] as const);

it.each(workflows)(
  '%s takes foreign actions by the hash of their commit alone, and names files that are there',
  (_, text) => {
    const used = [...text.matchAll(/uses: (\S+)/g)].map(([, action = '']) => action);
    expect(used.filter((action) => !/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/.test(action))).toEqual([]);
    const named = [...text.matchAll(/\bsrc\/[\w./-]+\.ts\b/g)].map(([path]) => path);
    expect(named.filter((path) => !existsSync(`${root}${path}`))).toEqual([]);
  },
);

it('the release finds the image that it verifies, and the place of its digest', () => {
  const text = readFileSync(`${root}src/components/gateway/image.ts`, 'utf8');
  expect(/^export const gatewayImage = '(.*)';$/m.exec(text)?.[1]).toBe(gatewayImage);
  expect(text).toMatch(/^export const gatewayImageDigest: string . undefined = .*;$/m);
});

it('the answers that init prints, like those that a run saves, name the schema in the package, which is the one in force', async () => {
  await builtProgram();
  const text = readFileSync(`${root}templates/answers.yaml`, 'utf8');
  expect(text).toContain(`\n# ${schemaLine}\n`);
  const path = /\$schema=https:\/\/[\w.]+\/claude-routing-install\/(\S+)$/.exec(schemaLine)?.[1] ?? '';
  const { files } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { readonly files: readonly string[] };
  expect(files).toContain(path);
  expect(JSON.parse(readFileSync(`${root}${path}`, 'utf8'))).toEqual(answersJsonSchema());
});
