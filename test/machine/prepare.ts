import { claudeBinary, litellmEnvironment } from '../gateway/litellm-program.ts';
import { prepareLab } from './lab/lab.ts';
import { labCache, prepareDownloads } from './stand-ins/download-cache.ts';

// What machines and gateways are made of, fetched and built ahead of the tests that need it: most of that is waiting for others.
const say = (line: string): void => console.log(`prepared meanwhile: ${line}`);
await prepareLab(say);
say('downloads');
await prepareDownloads(labCache());
say('LiteLLM and Claude Code');
await litellmEnvironment();
await claudeBinary();
say('done');
