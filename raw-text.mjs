import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

/** For esbuild: `import text from './file?raw'` gives the file's text, as it does under vitest; `./folder?texts` as below. */
export const rawText = {
  name: 'raw-text',
  setup(bundler) {
    bundler.onResolve({ filter: /\?(raw|texts)$/ }, ({ path, resolveDir }) => ({
      path: fileURLToPath(new URL(path.replace(/\?\w+$/, ''), `file://${resolveDir}/`)),
      namespace: path.endsWith('?raw') ? 'raw-text' : 'texts',
    }));
    bundler.onLoad({ filter: /.*/, namespace: 'raw-text' }, ({ path }) => ({
      contents: readFileSync(path, 'utf8'),
      loader: 'text',
    }));
    bundler.onLoad({ filter: /.*/, namespace: 'texts' }, ({ path }) => ({
      contents: JSON.stringify(textsBelow(path)),
      loader: 'json',
    }));
  },
};

/** For Vite: `import texts from './folder?texts'` gives the texts of all files below it by their names. */
export const folderTexts = {
  name: 'folder-texts',
  enforce: 'pre',
  resolveId(source, importer) {
    return source.endsWith('?texts') ? `${fileURLToPath(new URL(source, `file://${importer}`))}?texts` : undefined;
  },
  load(id) {
    return id.endsWith('?texts') ? `export default ${JSON.stringify(textsBelow(id.slice(0, -6)))}` : undefined;
  },
};

function textsBelow(folder) {
  const files = readdirSync(folder, { recursive: true }).filter((path) => /\.\w+$/.test(path) && !/\.pyc$/.test(path));
  const texts = files.map((path) => [basename(path), readFileSync(`${folder}/${path}`, 'utf8')]);
  return Object.fromEntries(texts.sort(([a], [b]) => (a < b ? -1 : 1)));
}
