import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { engine, templateNames } from './engine.ts';
import { type Cell, setTemplateScene, tryTemplates, wasTaken } from './matrix.ts';
import { tableText } from './table.ts';

// `npm run test:templates [-- NAME…]`: every chat template through the real gateway to the real engine. Without names it writes
// docs/local-templates.md anew. The first run builds the engine, which takes ten minutes and more.
const page = fileURLToPath(new URL('../../docs/local-templates.md', import.meta.url));
const wanted = process.argv.slice(2);

console.log('the engine: built now unless it is in the cache');
const built = await engine();
const all = await templateNames(built);
const names = wanted.length === 0 ? all : all.filter((name) => wanted.some((part) => name.includes(part)));
const scene = await setTemplateScene();
try {
  let done = 0;
  const cells = await tryTemplates(built, scene, names, (row) => {
    done += 1;
    const refused = (side: 'direct' | 'through') => row.filter((cell) => !wasTaken(cell[side])).length;
    console.log(
      `${done}/${names.length} ${row[0]?.template}: refused ${refused('direct')} directly, ${refused('through')} through the gateway`,
    );
    tellRefusals(row);
  });
  if (wanted.length === 0) await writeFile(page, tableText(cells));
  process.exitCode = cells.every(({ through }) => wasTaken(through)) ? 0 : 1;
} finally {
  await scene.close();
}

function tellRefusals(row: readonly Cell[]): void {
  for (const { name, through } of row)
    if (!wasTaken(through)) console.log(`    ${name}: ${through.status} ${through.error?.slice(0, 300)}`);
}
