// Answers at once whatever it is asked, in the shape that its path has, and costs as little as a server can: what is measured stands
// in front of it. `node fast-upstream.mjs ADDRESS` prints the port.
import { createServer } from 'node:http';

const words = Array.from({ length: 20 }, (_, index) => `word ${index} `);
const usage = { input_tokens: 20_000, output_tokens: 20 };
const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', stop_sequence: null };
const event = (data) => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
const content = [{ type: 'text', text: words.join('') }];
const messages = {
  whole: JSON.stringify({ ...message, content, stop_reason: 'end_turn', usage }),
  events: [
    event({ type: 'message_start', message: { ...message, content: [], stop_reason: null, usage } }),
    event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
    ...words.map((text) => event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })),
    event({ type: 'content_block_stop', index: 0 }) +
      event({ type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage }) +
      event({ type: 'message_stop' }),
  ],
};
const counted = { prompt_tokens: 20_000, completion_tokens: 20, total_tokens: 20_020 };
const chunk = (delta, finish_reason = null) =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
const choice = { index: 0, message: { role: 'assistant', content: words.join('') }, finish_reason: 'stop' };
const completions = {
  whole: JSON.stringify({
    id: 'c',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [choice],
    usage: counted,
  }),
  events: [...words.map((text) => chunk({ role: 'assistant', content: text })), `${chunk({}, 'stop')}data: [DONE]\n\n`],
};

function say(response, events, next = 0) {
  if (response.destroyed) return;
  if (next === events.length) return void response.end();
  response.write(events[next]);
  setImmediate(say, response, events, next + 1);
}

const server = createServer((request, response) => {
  const pieces = [];
  request.on('data', (piece) => pieces.push(piece));
  request.on('end', () => {
    if (request.method !== 'POST')
      return void response.writeHead(200, { 'content-type': 'application/json' }).end('{"data":[]}');
    const { whole, events } = request.url.includes('/chat/completions') ? completions : messages;
    const streamed = /"stream": ?true/.test(Buffer.concat(pieces).toString('latin1'));
    response.writeHead(200, { 'content-type': streamed ? 'text/event-stream' : 'application/json' });
    if (streamed) say(response, events);
    else response.end(whole);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, process.argv[2] ?? '127.0.0.1', () => console.log(server.address().port));
