import { spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { litellmEnvironment } from './litellm-program.ts';
import { ask, claudeRequest } from './messages-client.ts';
import { pythonPath } from './python-path.ts';
import { type Scene, setScene } from './scene.ts';

/** For each case: whether the connection was had at first, and then, and what the server heard of it: that it is there, and its end. */
const driver = `
import asyncio, json, sys
import upstream_connections as connections

connections.SPARE_SECONDS = 0.2

async def told(case):
    heard = []
    async def serve(reader, writer):
        heard.append(writer)
        if case == "left":
            writer.close()
        if case == "spoken to":
            writer.write(b"x")
        heard.append(len(await reader.read()))
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    address = server.sockets[0].getsockname()
    await connections.try_port("127.0.0.1", address[1], 1)
    spare = connections.spare.get()
    await asyncio.sleep(0.4 if case == "forgotten" else 0.05)
    first = spare.take({("127.0.0.1", 1)} if case == "dialled elsewhere" else {address})
    again = spare.take({address})
    found = [first is not None, again is not None, len(heard)]
    for one in (first, again):
        if one is not None:
            one.close()
    server.close()
    return found

print(json.dumps([asyncio.run(told(case)) for case in json.loads(sys.argv[1])]))
`;

describe('the connection by which a local server was found to be there', () => {
  it('goes to whoever dials that address, once, while nothing came of it', () => {
    const cases = {
      new: [true, false, 1],
      left: [false, false, 2],
      'spoken to': [false, false, 1],
      'dialled elsewhere': [false, true, 1],
      // Closed by itself: the server has heard its end.
      forgotten: [false, false, 2],
    };
    const env = { PATH: '/usr/bin:/bin', PYTHONPATH: pythonPath, PYTHONDONTWRITEBYTECODE: '1' };
    const args = ['-c', driver, JSON.stringify(Object.keys(cases))];
    const { stdout, stderr } = spawnSync('python3', args, { env, encoding: 'utf8' });
    expect(JSON.parse(stdout || stderr)).toEqual(Object.values(cases));
  });
});

/** What is read of a body whose connection breaks behind its last word, by somebody who reads at once and by somebody who does not. */
const breaking = `
import asyncio, json, socket, struct, sys
import aiohttp
import upstream_connections as connections

connections.keep_what_came()

async def read(how, seconds):
    async def serve(reader, writer):
        await reader.readuntil(b"\\r\\n\\r\\n")
        writer.write(b"HTTP/1.1 200 OK\\r\\ntransfer-encoding: chunked\\r\\n\\r\\n5\\r\\nfirst\\r\\n")
        await writer.drain()
        await asyncio.sleep(0.1)
        writer.write(b"4\\r\\nlast\\r\\n" + (b"zz\\r\\n" if how == "rubbish" else b""))
        await writer.drain()
        if how == "reset":
            await asyncio.sleep(0.05)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.close()
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    said, how_it_ended = b"", "well"
    async with aiohttp.ClientSession() as session:
        async with session.get(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}") as answer:
            try:
                async for piece in answer.content.iter_chunked(16384):
                    said += piece
                    await asyncio.sleep(seconds)
            except Exception:
                how_it_ended = "badly"
    server.close()
    return [said.decode(), how_it_ended]

print(json.dumps([asyncio.run(read(how, seconds)) for how in ("closed", "reset", "rubbish") for seconds in (0, 0.4)]))
`;

it('what had come when a connection broke is read, however late, and then that it broke', async () => {
  const env = { PATH: '/usr/bin:/bin', PYTHONPATH: pythonPath, PYTHONDONTWRITEBYTECODE: '1' };
  const program = `${await litellmEnvironment()}/bin/python`;
  const { stdout, stderr } = spawnSync(program, ['-c', breaking], { env, encoding: 'utf8' });
  expect(JSON.parse(stdout || stderr)).toEqual(Array.from({ length: 6 }, () => ['firstlast', 'badly']));
});

describe('a request to the local model', () => {
  const usage = { input_tokens: 1, output_tokens: 1 };
  const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', stop_reason: 'end_turn', usage };
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ ...message, content: [{ type: 'text', text: 'hello' }] }));
    });
  });
  let scene: Scene;
  let connections = 0;
  beforeAll(async () => {
    server.on('connection', () => (connections += 1));
    await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
    const { port } = server.address() as AddressInfo;
    scene = await setScene({ address: (wire) => `http://${wire.outside}:${port}` });
  });
  afterAll(async () => {
    await scene?.close();
    server.close();
  });

  it('opens one connection for each', async () => {
    const before = connections;
    for (const said of ['one', 'two', 'three'])
      expect(await ask(scene.gateway, claudeRequest('local', said))).toMatchObject({ status: 200, text: 'hello' });
    expect(connections - before).toBe(3);
  });
});
