/** Imported late: a spinner is loaded when the first one turns. */
export { default as ora } from 'ora';
