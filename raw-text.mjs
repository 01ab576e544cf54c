import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** For esbuild: `import text from './file?raw'` gives the file's text, as it does under vitest. */
export const rawText = {
  name: 'raw-text',
  setup(bundler) {
    bundler.onResolve({ filter: /\?raw$/ }, ({ path, resolveDir }) => ({
      path: fileURLToPath(new URL(path.replace(/\?raw$/, ''), `file://${resolveDir}/`)),
      namespace: 'raw-text',
    }));
    bundler.onLoad({ filter: /.*/, namespace: 'raw-text' }, ({ path }) => ({
      contents: readFileSync(path, 'utf8'),
      loader: 'text',
    }));
  },
};
