import { execFileSync } from 'node:child_process';
import { type Identity, type Listing, record } from './recorder.ts';

// Runs inside a network of its own, which has a loopback interface that is still down.
execFileSync('ip', ['link', 'set', 'lo', 'up']);

const [listeners, models, identity] = process.argv.slice(2).map((argument) => JSON.parse(argument) as unknown);
const recorder = await record(listeners as Readonly<Record<string, number>>, models as Listing, identity as Identity);

process.on('message', (request) => {
  if (request === 'clear') recorder.clear();
  process.send?.(recorder.requests);
});
process.on('disconnect', () => process.exit(0));
process.send?.('ready');
