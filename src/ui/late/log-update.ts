/** Imported late: only what is redrawn needs it. */
export { createLogUpdate } from 'log-update';
