"""The first requests of a gateway are its own.

Written by claude-routing-install. LiteLLM imports a good second's worth of itself only when it is asked something, and makes a good deal
more when a model is asked for the first time, so whoever came first after a start waited for it. As soon as it answers it is asked how
many tokens a word has, for a model that there is not, and then each of its models, streamed and whole, in the place of whose server
own_upstream.py answers. Nobody outside hears of these requests, and no server: they are in no log, have no cost, take no turn in a queue
and have no home at a server. Until they are over the guard says that it is not ready.
"""

import hmac
import json
import logging
import os
import sys
import threading
import time
import urllib.error
import urllib.request

import own_upstream
import sitecustomize
from gateway_names import ROUTE, ROUTING_HEADER

NAME = "warm-up"
# Nobody else can say it.
SAID = f"{NAME}; {os.urandom(16).hex()}"
# It is ready without them, too.
MOST_SECONDS = 60
# Of the models: with many of them the last ones are made when they are used.
MODELS_SECONDS = 1
over = threading.Event()


def is_own(headers):
    """Whether a request is one of these."""
    return any(name == ROUTING_HEADER.encode() and hmac.compare_digest(value, SAID.encode()) for name, value in headers)


def begin(lay_way):
    """Does it beside everything else; nothing depends on it. `lay_way`: what can be done once LiteLLM was asked, and before its models are."""
    # That there is no such model is no error that anybody is to read.
    logging.getLogger("LiteLLM Proxy").addFilter(lambda record: f"model={NAME}." not in record.getMessage())
    threading.Thread(target=work, args=(lay_way,), name=NAME, daemon=True).start()


def work(lay_way):
    try:
        address = f"http://127.0.0.1:{port()}"
        if not is_there(address):
            return
        local = next(filter(None, os.environ.get("LOCAL_NAMES", "").split(",")), NAME)
        asked(f"{address}{ROUTE}/count_tokens", body_for(local))
        asked(f"{address}{ROUTE}", body_for(NAME))
        lay_way()
        ask_models(f"{address}{ROUTE}")
        sitecustomize.start_up_is_over()
    finally:
        over.set()


def is_there(address):
    until = time.monotonic() + MOST_SECONDS
    while asked(f"{address}/health/liveliness") is None:
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True


def ask_models(address):
    """Each model once, as Claude Code asks; the first one of each provider whole as well."""
    from litellm.proxy.proxy_server import llm_router

    names = {str(one["model_info"]["id"]): one["model_name"] for one in reversed(llm_router.get_model_list() or [])}
    until, providers = time.monotonic() + MODELS_SECONDS, set()
    with own_upstream.running():
        for deployment, name in names.items():
            provider = deployment.partition(":")[0]
            for streamed in (True,) if provider in providers else (True, False):
                if time.monotonic() > until or asked(address, body_for(name, streamed), seconds=3) != 200:
                    return
            providers.add(provider)


def body_for(model, streamed=True):
    tool = {"name": "Read", "description": "Reads", "input_schema": {"type": "object", "properties": {"path": {"type": "string"}}}}
    said = [{"type": "text", "text": "hello"}]
    asked = {"system": said, "tools": [tool], "messages": [{"role": "user", "content": said}], "metadata": {"user_id": NAME}}
    return {"model": model, "max_tokens": 1, "stream": streamed, **asked}


def asked(address, body=None, seconds=15):
    """The status of the answer; None where there is none."""
    sent = {"content-type": "application/json", "authorization": f"Bearer {os.environ.get('LITELLM_MASTER_KEY', '')}", ROUTING_HEADER: SAID}
    request = urllib.request.Request(address, headers=sent, data=None if body is None else json.dumps(body).encode())
    try:
        with direct.open(request, timeout=seconds) as reply:
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
