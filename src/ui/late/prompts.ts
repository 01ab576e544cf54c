/** Imported late: a run that asks nothing does not need it. */
export { checkbox, password, select } from '@inquirer/prompts';
