import { main } from '../../../src/cli.ts';
import { paperFolderVariable } from './paper-variable.ts';
import { redirectedMachine } from './redirected-machine.ts';

/** The program as it is tested and played with: the same, on the ground of the folder that the environment names. Never shipped. */
const folder = process.env[paperFolderVariable];
if (folder === undefined) throw new Error(`this build runs on paper machines only; set ${paperFolderVariable}`);
void main(redirectedMachine(folder));
