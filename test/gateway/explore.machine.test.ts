import { mkdtemp } from 'node:fs/promises';
import { it } from 'vitest';
import { setScene } from './scene.ts';
import { runClaude } from './claude-client.ts';
const plain = 'import local_compat_full';
import hook from '../../templates/local_compat.py?raw';
for (const h of [undefined, hook.replace('if message is not None:', 'if False:')])
it(`grow hook=${h === undefined}`, async () => {
  const scene = await setScene({ lmStudio: { contextLength: 40_000 }, ...(h ? { hook: h } : {}) });
  try {
    const home = await mkdtemp('/tmp/claude-home-');
    for (let turn = 0; turn < 8; turn++) {
    (scene.lmStudio.requests as any[]).length = 0;
    const t = Date.now();
    const r = await runClaude(scene, home, 'anthropic-local', [...(turn ? ['--continue'] : []), '--tools', 'Bash,Read', '-p', `turn ${turn}: ${'lorem ipsum '.repeat(2000)}`]);
    console.log(turn, Date.now() - t, JSON.stringify(r).slice(0, 400), scene.lmStudio.requests.map((q) => [q.answer.status, q.answer.promptTokens, q.answer.text?.slice(0, 40)].join(' ')).join(' | '));
    }
  } finally { await scene.close(); }
}, 900000);
it(`unreachable`, async () => {
  const scene = await setScene();
  try {
    const home = await mkdtemp('/tmp/claude-home-');
    await scene.stopLmStudio();
    const t = Date.now();
    console.log(JSON.stringify(await runClaude(scene, home, 'anthropic-local', ['-p', 'hi'])), Date.now() - t);
  } finally { await scene.close(); }
}, 900000);
