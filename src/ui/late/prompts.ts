/** Imported late: who is asked nothing needs none of it. */
export { checkbox, password, select } from '@inquirer/prompts';
