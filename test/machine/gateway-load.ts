/**
 * Run by node in the machine: so many clients at once, each with so many requests of Claude Code's size, one behind the other,
 * half of them streamed. Prints how each ended, as JSON. `KEY` is the gateway's.
 */
export const gatewayLoad = `
const [clients, each, kilobytes] = process.argv.slice(2).map(Number);
const text = 'lorem ipsum '.repeat(kilobytes * 1024 / 12);
const ends = {};
async function one(turn) {
  const body = { model: 'local-only', max_tokens: 64, stream: turn % 2 === 0, messages: [{ role: 'user', content: 'Say: ready ' + text }] };
  const reply = await fetch('http://127.0.0.1:4000/v1/messages?beta=true', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer ' + process.env.KEY, 'x-claude-routing': 'claude-offline; local-only' },
    body: JSON.stringify(body),
  });
  const said = await reply.text();
  return reply.status === 200 && !/event: error/.test(said) && /message_stop|"stop_reason"/.test(said) ? 'whole' : reply.status + ' ' + said.slice(0, 200);
}
async function client(number) {
  for (let turn = 0; turn < each; turn += 1) {
    const end = await one(number + turn).catch((error) => String(error.cause ?? error));
    ends[end] = (ends[end] ?? 0) + 1;
  }
}
const started = Date.now();
Promise.all(Array.from({ length: clients }, (_, number) => client(number))).then(() => console.log(JSON.stringify({ ends, seconds: (Date.now() - started) / 1000 })));
`;
