export { checkbox, password, select } from '@inquirer/prompts';
