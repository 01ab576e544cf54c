import { expect, it, onTestFinished } from 'vitest';
import { openScene } from '../wizard/scene.ts';
import { engine } from './engine.ts';
import { asToday, startLlama } from './llama-server.ts';

const MODEL = 'smollm2-135m';

it('the wizard knows a real llama.cpp, its model and the window of a slot, and tries what the model can do', async () => {
  const llama = await startLlama(await engine(), { host: '127.0.0.1', port: 18_090, ...asToday });
  onTestFinished(() => llama.stop());
  const { terminal, interview } = await openScene({ server: llama.url });
  const interviewed = interview();
  await terminal.answer('Address', '192.168.1.20');
  await terminal.sees(`Only one can be used: ${MODEL} (loaded, 65,536 tokens)`);
  await terminal.sees('Tried it: first answer after', 600_000);
  // A model of this size calls nothing.
  await terminal.pick('What now?', 'use it anyway');
  await terminal.pick('Cloud', 'none');
  await terminal.enter('More questions');
  console.log(terminal.text);
  expect(terminal.text).toMatch(/llama\.cpp/);
  expect(terminal.text).toMatch(/streaming ✓ tool call [✗–]/);
  expect((await interviewed).raw).toMatchObject({ localModel: { model: MODEL, contextWindow: 65_536 } });
});
