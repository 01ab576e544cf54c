"""Stands in for LM Studio and for a cloud in the throw-away gateway of `claude-routing-install drill`, and fails as it is told to.

Written by claude-routing-install; removed with the throw-away gateway. It listens on this container's own loopback only.

  python3 drill_faults.py serve          until it is ended
  python3 drill_faults.py stage CASE     makes the running one behave so; returns when it does. Cases of a cloud begin with cloud-:
                                         meanwhile LM Studio answers, and without one nobody answers as a cloud
"""

import contextlib
import json
import os
import runpy
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT = 4101
CONTROL_PORT = 4102
CLOUD_PORT = 4104
# A further server of the model, where the person has several: nothing listens there, but for the case that says so.
FURTHER_PORT = 4105
# Long enough to outlast every timeout of the drill.
SILENCE_SECONDS = 300
HANGING_SECONDS = 0.3
PATIENCE_SECONDS = 15

PROMPT, WINDOW = 70000, 65536
OVERFLOWS = {
    "overflow-n-keep": "The number of tokens to keep from the initial prompt is greater than the context length "
    f"(n_keep: {PROMPT}>= n_ctx: {WINDOW}). Try to load the model with a larger context length, or provide a shorter input.",
    "overflow-keep-first": f"Trying to keep the first {PROMPT} tokens when context the overflows. However, the model is loaded "
    f"with context length of only {WINDOW} tokens, which is not enough.",
    "overflow-exceeds": {
        "code": 400,
        "message": f"request ({PROMPT} tokens) exceeds the available context size ({WINDOW} tokens), try increasing it",
        "type": "exceed_context_size_error",
        "n_prompt_tokens": PROMPT,
        "n_ctx": WINDOW,
    },
}
STATUSES = {"status-500": 500, "status-503": 503, "status-429": 429}
CLOUD = "cloud-"
# A cloud's own errors: status, type, words, headers. How long to wait is what src/failover-test/fault.ts waits.
REFUSALS = {
    "429": (429, "rate_limit_error", "staged by the drill: a limit is reached", {"retry-after": "10"}),
    "529": (529, "overloaded_error", "staged by the drill: Overloaded", {}),
    "500": (500, "api_error", "staged by the drill: Internal server error", {}),
    "no-credit": (400, "invalid_request_error", "staged by the drill: Your credit balance is too low to access the Anthropic API.", {}),
    "revoked": (401, "authentication_error", "staged by the drill: invalid x-api-key", {}),
}
# No HTTP at all: nothing listens, or nothing is ever accepted.
REFUSED, DROPPED = "refused", "dropped"
ANSWERS, SILENT, BREAKS_OFF = "answers", "silent", "breaks-off"
# Two requests are answered, one after the other; one that comes meanwhile is refused, and so is a third one.
ONE_AT_ONCE = "one-at-once"
MOST_HEARD = 2
BUSY_SECONDS = 1.5
# A request that says SLOWLY is answered after so long; the others at once.
BUSY, SLOWLY, SLOW_SECONDS = "busy", "slowly", 3
# One of several servers is still loading, and the further one answers.
ONE_NOT_READY = "one-not-ready"
# A box that is woken as the gateway wishes, by a packet that the machine's own program sends to it, and is there a second later.
ASLEEP, GETTING_UP_SECONDS = "asleep", 1
# Its network: this container's own loopback, and the address of all in it. No other machine hears the packet.
LOOPBACK, EVERYBODY = "lo", "127.255.255.255"
WAKE_PRETENDED = os.environ.get("WAKE_PRETENDED", "")
WAKE_SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "wake.py")
# Everybody answers, and so much is spent that no cloud may be asked.
AT_CEILING = "at-ceiling"
# Where the gateway beside it looks for that.
PRETENDED_SPENDING = os.environ.get("SPENDING_PRETENDED", "")
CASES = (ANSWERS, REFUSED, DROPPED, SILENT, BREAKS_OFF, AT_CEILING, ONE_AT_ONCE, BUSY, ONE_NOT_READY, ASLEEP, *STATUSES, *OVERFLOWS)
CLOUD_CASES = (ANSWERS, REFUSED, DROPPED, SILENT, *REFUSALS)

TEXT = "ready"
USAGE = {"input_tokens": 10, "output_tokens": 1}
MESSAGE = {"id": "msg_drill", "type": "message", "role": "assistant", "model": "drill", "stop_sequence": None}
WHOLE = {**MESSAGE, "content": [{"type": "text", "text": TEXT}], "stop_reason": "end_turn", "usage": USAGE}
OPENING = [
    {"type": "message_start", "message": {**MESSAGE, "content": [], "stop_reason": None, "usage": USAGE}},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": TEXT}},
]
CLOSING = [
    {"type": "content_block_stop", "index": 0},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None}, "usage": USAGE},
    {"type": "message_stop"},
]


def events(items):
    return "".join(f"event: {item['type']}\ndata: {json.dumps(item)}\n\n" for item in items).encode()


def has_late_system_turn(body):
    """What strict chat templates, such as Qwen's, refuse."""
    turns = body.get("messages") or []
    return any(turn.get("role") == "system" for turn in turns[1:])


class Model(BaseHTTPRequestHandler):
    """LM Studio's Messages endpoint, as far as the drill asks for it."""

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.reply(200, {"data": [], "object": "list"})

    def do_POST(self):
        case = self.server.case
        body = json.loads(self.rfile.read(int(self.headers.get("content-length") or 0)) or b"{}")
        if case == BUSY and SLOWLY in json.dumps(body):
            time.sleep(SLOW_SECONDS)
        if case in REFUSALS:
            status, kind, message, headers = REFUSALS[case]
            self.reply(status, {"type": "error", "error": {"type": kind, "message": message}}, headers=headers)
        elif case in STATUSES:
            self.reply(STATUSES[case], {"error": {"type": "server_error", "message": f"staged by the drill: {STATUSES[case]}"}})
        elif case in OVERFLOWS:
            self.reply(400, {"error": OVERFLOWS[case]})
        elif case == ONE_AT_ONCE and not self.server.takes_one():
            self.reply(500, {"error": {"type": "server_error", "message": "staged by the drill: asked out of turn"}})
        elif case == SILENT:
            self.server.over.wait(SILENCE_SECONDS)
        elif case != BREAKS_OFF and has_late_system_turn(body):
            message = "Error: Jinja Exception: System message must be at the beginning."
            self.reply(400, {"type": "error", "error": {"type": "invalid_request_error", "message": message}})
        elif body.get("stream"):
            self.stream(whole=case != BREAKS_OFF)
        elif case == BREAKS_OFF:
            self.reply(200, WHOLE, promised=100)
        else:
            self.reply(200, WHOLE)

    def reply(self, status, content, promised=0, headers=None):
        text = json.dumps(content).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text) + promised))
        self.end_headers()
        self.wfile.write(text)

    def stream(self, whole):
        self.protocol_version = "HTTP/1.1"
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.send_header("connection", "close")
        self.end_headers()
        # One event a chunk, with a pause: an answer that comes in one piece is not in the middle when it breaks off.
        for item in OPENING + (CLOSING if whole else []):
            self.chunk(events([item]))
            time.sleep(0.02)
        # Ahead of the end: whoever has read that may ask the next thing.
        self.server.busy = False
        if whole:
            self.chunk(b"")
        self.close_connection = True

    def chunk(self, data):
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, case, port):
        self.case = case
        self.over = threading.Event()
        self.lock, self.heard, self.busy = threading.Lock(), 0, False
        super().__init__(("127.0.0.1", port), Model)

    def takes_one(self):
        """Whether nobody else is answered now, and not too many were; if so, it takes its time first."""
        with self.lock:
            self.heard += 1
            taken = not self.busy and self.heard <= MOST_HEARD
            self.busy = self.busy or taken
        if taken:
            time.sleep(BUSY_SECONDS)
        return taken


def pretend_to_have_spent():
    """More than any ceiling, until the returned function is called."""
    with open(PRETENDED_SPENDING, "w", encoding="ascii") as file:
        file.write("1000000000")
    return lambda: os.remove(PRETENDED_SPENDING)


def is_woken(card):
    """Sends the packet as the machine's own unit does where the gateway wishes it; whether this network card hears its own address."""
    if not os.path.exists(WAKE_PRETENDED):
        return False
    unit = runpy.run_path(WAKE_SCRIPT)
    unit["send"](LOOPBACK, [EVERYBODY], card.getsockname()[1])
    return card.recv(1500) == b"\xff" * 6 + bytes.fromhex(unit["MAC"].replace(":", "")) * 16


def sleep_until_woken():
    """A box that nobody hears of before it is woken, until the returned function is called."""
    with contextlib.suppress(OSError):
        os.remove(WAKE_PRETENDED)
    over, ends = threading.Event(), []
    card = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    card.bind((EVERYBODY, 0))
    card.settimeout(HANGING_SECONDS)

    def get_up():
        while not over.wait(0.1):
            if is_woken(card):
                if not over.wait(GETTING_UP_SECONDS):
                    ends.append(serve_as(ANSWERS))
                return

    sleeper = threading.Thread(target=get_up, daemon=True)
    sleeper.start()

    def end():
        over.set()
        sleeper.join()
        card.close()
        together(ends)()

    return end


def together(ends):
    return lambda: [end() for end in ends]


def serve_as(case, port=PORT):
    """Behaves so until the returned function is called."""
    if case == AT_CEILING:
        return together([serve_as(ANSWERS), serve_as(ANSWERS, CLOUD_PORT), pretend_to_have_spent()])
    if case == ONE_NOT_READY:
        return together([serve_as("status-503"), serve_as(ANSWERS, FURTHER_PORT)])
    if case == ASLEEP:
        return sleep_until_woken()
    if case.startswith(CLOUD):
        return together([serve_as(ANSWERS), serve_as(case.removeprefix(CLOUD), CLOUD_PORT)])
    if case == REFUSED:
        return lambda: None
    if case == DROPPED:
        return hang(port)
    server = Server(case, port)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()

    def end():
        server.over.set()
        server.shutdown()
        server.server_close()

    return end


def hang(port):
    """A queue of one that is full and that nobody empties: Linux drops every further SYN, as a machine that is off would."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(0)
    held = [listener]

    def end():
        for one in held:
            one.close()

    for _ in range(64):
        filler = socket.socket()
        held.append(filler)
        filler.settimeout(HANGING_SECONDS)
        try:
            filler.connect(("127.0.0.1", port))
        except TimeoutError:
            return end
    end()
    raise RuntimeError("this kernel goes on accepting connections, so a machine that is off cannot be staged")


def stage(current, case):
    """Ends one behaviour and begins the next; returns what ends that one, and a word about it."""
    current()
    try:
        return serve_as(case), "staged"
    except (OSError, RuntimeError) as error:
        return (lambda: None), f"not staged: {error}"


def serve():
    control = socket.create_server(("127.0.0.1", CONTROL_PORT))
    end, _ = stage(lambda: None, ANSWERS)
    while True:
        connection, _ = control.accept()
        with connection:
            case = connection.recv(100).decode().strip()
            known = case.removeprefix(CLOUD) in CLOUD_CASES if case.startswith(CLOUD) else case in CASES
            end, said = stage(end, case) if known else (end, f"not staged: there is no case {case}")
            connection.sendall(said.encode())


def tell(case):
    """Asks the running one; waits for it to listen."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            connection = socket.create_connection(("127.0.0.1", CONTROL_PORT), PATIENCE_SECONDS)
            break
        except OSError:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.1)
    with connection:
        connection.sendall(case.encode())
        said = connection.recv(1000).decode()
    if said != "staged":
        sys.exit(said)


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        serve()
    else:
        tell(sys.argv[2])
