"""A server of the Messages API inside the gateway, which answers its own first requests: nobody else is asked for these.

Written by claude-routing-install.
"""

import contextlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

USAGE = {"input_tokens": 1, "output_tokens": 1}
MESSAGE = {"id": "msg_0", "type": "message", "role": "assistant", "model": "m", "stop_reason": "end_turn", "stop_sequence": None, "usage": USAGE}
TEXT = {"type": "text", "text": "hello"}
EVENTS = (
    {"type": "message_start", "message": {**MESSAGE, "content": [], "stop_reason": None}},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "hello"}},
    {"type": "content_block_stop", "index": 0},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None}, "usage": USAGE},
    {"type": "message_stop"},
)
WHOLE = json.dumps({**MESSAGE, "content": [TEXT]})
STREAM = "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in EVENTS)

# Where it listens; nowhere before the first and after the last of these requests.
address = None


class Answers(BaseHTTPRequestHandler):
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        kind, said = ("text/event-stream", STREAM) if asked.get("stream") else ("application/json", WHOLE)
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(said)))
        self.end_headers()
        self.wfile.write(said.encode())

    def log_message(self, *words):
        """Says nothing."""


@contextlib.contextmanager
def running():
    global address
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


def led(kwargs):
    """A call that goes here, and shows no key."""
    if address is None:
        raise RuntimeError("the gateway's own server does not run")
    return {**kwargs, "api_base": address, "api_key": "nobody"}
