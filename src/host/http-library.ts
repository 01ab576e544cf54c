// Imported when the first request is made. A package that is no ES module cannot be imported so itself: in a program of several parts it would have one name, `default`.
export { Agent, request } from 'undici';
