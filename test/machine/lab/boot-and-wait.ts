import { basename, dirname } from 'node:path';
import { bootLab } from './lab.ts';

/** Boots a machine, prints the number of its slot, and stays: a process for a test to kill. */
const { machine } = await bootLab();
console.log(basename(dirname(machine.root)));
