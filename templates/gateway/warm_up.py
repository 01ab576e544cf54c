"""The first requests of a gateway are its own.

Written by claude-routing-install. LiteLLM imports a good second's worth of itself only when it is asked something, so whoever came first
after a start waited for it. As soon as it answers it is asked two things that nobody outside hears of: how many tokens a word has, and
an answer of a model that there is not. What is made only where there is a model is made then. Until then the guard says that it is not ready.
"""

import contextlib
import importlib
import json
import logging
import os
import sys
import threading
import time
import urllib.error
import urllib.request

from gateway_names import ROUTE, ROUTING_HEADER

NAME = "warm-up"
# It is ready without them, too.
MOST_SECONDS = 60
# The last three in 1.110.
OF_A_CALL = (
    "litellm.llms.github_copilot.per_user_auth",
    "litellm.llms.anthropic.pass_through.messages.streaming_iterator",
    "litellm.router_utils.pre_call_checks.continuation_prefill_check",
    "litellm.router_utils.client_initalization_utils",
    "litellm.llms.anthropic.messages.native.fake_stream_iterator",
)
over = threading.Event()


def is_own(headers, body):
    """Whether a request is one of these, which the log leaves out. It can't be another one: no model has this name."""
    return headers.get(ROUTING_HEADER) == NAME and body.get("model") == NAME


def begin(afterwards):
    """Does it beside everything else; nothing depends on it. Then something else is done, before anybody is told that it is ready."""
    # That there is no such model is no error that anybody is to read.
    logging.getLogger("LiteLLM Proxy").addFilter(lambda record: f"model={NAME}." not in record.getMessage())
    threading.Thread(target=work, args=(afterwards,), name=NAME, daemon=True).start()


def work(afterwards):
    try:
        ask_both()
        make_the_rest()
        afterwards()
    finally:
        over.set()


def ask_both():
    address, name = f"http://127.0.0.1:{port()}", next(filter(None, os.environ.get("LOCAL_NAMES", "").split(",")), NAME)
    until = time.monotonic() + MOST_SECONDS
    while asked(f"{address}/health/liveliness") is None:
        if time.monotonic() > until:
            return
        time.sleep(0.1)
    asked(f"{address}{ROUTE}/count_tokens", name)
    asked(f"{address}{ROUTE}", NAME)


def make_the_rest():
    """What a first call would import, and the model that takes it longest to make: 13 ms. What a LiteLLM has elsewhere is made when it is used."""
    for name in OF_A_CALL:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    with contextlib.suppress(ImportError, AttributeError):
        importlib.import_module("litellm.types.router").GenericLiteLLMParams.model_rebuild()


def asked(address, model=None):
    """The status of the answer; None where there is none."""
    body = {"model": model, "max_tokens": 1, "stream": True, "messages": [{"role": "user", "content": "hello"}]}
    sent = {"content-type": "application/json", "authorization": f"Bearer {os.environ.get('LITELLM_MASTER_KEY', '')}", ROUTING_HEADER: NAME}
    request = urllib.request.Request(address, headers=sent, data=None if model is None else json.dumps(body).encode())
    try:
        with direct.open(request, timeout=15) as reply:
            reply.read()
            return reply.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


def port():
    return sys.argv[sys.argv.index("--port") + 1] if "--port" in sys.argv[:-1] else "4000"


# No proxy of the environment stands between the gateway and itself.
direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
