import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const modules = fileURLToPath(new URL('../../templates/gateway', import.meta.url));
const folders = readdirSync(modules, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ parentPath, name }) => join(parentPath, name));

/** Where Python finds the gateway's modules, which lie beside each other on a machine and by their subject here. */
export const pythonPath = [modules, ...folders].join(':');
