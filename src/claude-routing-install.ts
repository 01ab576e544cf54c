import { main } from './cli.ts';

/** The program that is shipped: it works on this machine and on nothing else, whatever the environment says. */
void main();
