"""Leaves out what LiteLLM does for each request of /v1/messages and nobody reads.

Written by claude-routing-install. That was two fifths of the processor's time of a request.

- LiteLLM puts each answer that was streamed together again, prices it several times and makes a record of it, for loggers such as
  Langfuse. With none of them the record is thrown away. It is not made where all who would get it are known to do nothing with
  it: LiteLLM's own hooks for the limits of keys, teams and agents, which need a database, its router, and the modules here, which
  hear of an answer in another way. Whoever else is in the list gets it as ever.
- LiteLLM looks through hundreds of routes for /v1/messages; here it is the first one.
- A module that is not there is looked for on the disk anew in each request.
- LiteLLM prepares each call in a thread, as some providers fetch a token first. Those here have keys: nothing is waited for.
- What a model can do is looked up in LiteLLM's list of models several times in each request.
- A body is searched for addresses of S3, and then the key is asked whether it may name any; the gateway's own key may.
- Bodies are written by Python's own `json`, in twenty times the time that it takes, and copied for a case that is not met here.
- What each deployment is used is reckoned, where no deployment has a limit.
- A local server is dialled once more for the request itself, when it has just been dialled to see whether it is there.
- A dozen middlewares, hundreds of routes and a list of dependencies lead to one function, and the gateway's own key is checked for
  what only a database could say of it: short_way.py, own_key.py.
- What a cache or a key's check took is made a record of, which nobody gets.

Each step is taken only where LiteLLM is as it was known; else it stays LiteLLM's own.
"""

import asyncio
import functools
import importlib
import inspect
import json
import sys

import litellm
from litellm.integrations.custom_logger import CustomLogger
from starlette.routing import Match

import json_bytes
import upstream_connections
from cloud_refusals import current
from gateway_names import ROUTE

CALL_TYPE = "anthropic_messages"
# What would read a record of an answer only where a database or an account is set, which this gateway has not.
IDLE_HOOKS = (
    "_PROXY_VirtualKeyModelMaxBudgetLimiter _PROXY_MaxParallelRequestsHandler_v3 _PROXY_CacheControlCheck ResponsesIDSecurity"
    " SkillsInjectionHook _PROXY_MaxIterationsHandler _PROXY_MaxBudgetPerSessionHandler _PROXY_SensitiveDataRoutingHandler"
    " PromptCacheObserver ServiceLogging"
).split()
ROUTER_RECORDS = ("deployment_callback_on_success", "sync_deployment_callback_on_success")
RECORD_METHODS = ("async_log_success_event", "log_success_event", "async_log_stream_event", "log_stream_event", "async_logging_hook")
MAYBE_MISSING = ("litellm.integrations.otel.logger", "litellm_enterprise.proxy.auth.route_checks")


def is_idle(callback):
    """Whether a callback is known to do nothing with the record of an answer."""
    method = getattr(callback, "__func__", None)
    if method is not None:
        return method.__name__ in ROUTER_RECORDS and method.__module__.startswith("litellm.router")
    kind = type(callback)
    if kind.__module__.startswith("litellm."):
        return kind.__name__ in IDLE_HOOKS
    # One of ours, or anybody's, that has nothing of its own to be told by.
    return all(getattr(kind, name, None) is getattr(CustomLogger, name) for name in RECORD_METHODS)


class Readers:
    """Who reads the record of an answer. The lists of callbacks may change while the gateway runs."""

    def __init__(self):
        self.known, self.idle = None, False

    def is_none(self, logging):
        known = [*litellm.success_callback, *litellm._async_success_callback]
        if known != self.known:
            self.known, self.idle = known, all(map(is_idle, known))
        return self.idle and not logging.dynamic_success_callbacks and not logging.dynamic_async_success_callbacks


readers = Readers()
# The steps that were taken.
taken = []
# The short way, once it is laid.
ways = []


def is_unread(logging):
    exchange = current.get()
    is_own = exchange is not None and exchange.is_own
    return getattr(logging, "call_type", None) == CALL_TYPE and (is_own or readers.is_none(logging))


def unless_unread(method, logging_in, also=lambda logging: True):
    """The same coroutine or function, which does nothing for an answer whose record nobody reads. `logging_in` finds LiteLLM's object."""

    def lighter(*args, **kwargs):
        logging = logging_in(*args, **kwargs)
        return nothing() if is_unread(logging) and also(logging) else method(*args, **kwargs)

    async def nothing_later():
        return None

    nothing = nothing_later if inspect.iscoroutinefunction(method) else lambda: None
    return lighter


def has_parameters(function, *names):
    return list(inspect.signature(function).parameters)[: len(names)] == list(names)


def leave_out_records():
    from litellm.litellm_core_utils.litellm_logging import Logging
    from litellm.proxy.pass_through_endpoints.streaming_handler import PassThroughStreamingHandler
    from litellm.proxy.utils import ProxyLogging

    whole, streamed = Logging.async_success_handler, PassThroughStreamingHandler.route_streaming_logging_to_handler
    served, priced = ProxyLogging._record_served_stream_output, Logging.response_cost_calculator
    diagnosed = Logging._record_zero_cost_diagnostic
    known = (
        has_parameters(whole, "self", "result"),
        has_parameters(streamed, "litellm_logging_obj"),
        has_parameters(served, "request_data", "served_chunks"),
        has_parameters(priced, "self", "result"),
        has_parameters(diagnosed, "self", "result"),
        *map(inspect.iscoroutinefunction, (whole, streamed, served)),
    )
    if not all(known):
        return False

    def own(logging, *rest, **more):
        return logging

    Logging.async_success_handler = unless_unread(whole, own)
    Logging._record_zero_cost_diagnostic = unless_unread(diagnosed, own)
    # What a stream costs is asked as it begins, when nobody can tell.
    Logging.response_cost_calculator = unless_unread(priced, own, lambda logging: logging.stream is True)
    of_stream = unless_unread(streamed, lambda litellm_logging_obj, *rest, **more: litellm_logging_obj)
    PassThroughStreamingHandler.route_streaming_logging_to_handler = staticmethod(of_stream)
    of_request = unless_unread(served, lambda request_data, *rest: request_data.get("litellm_logging_obj"))
    ProxyLogging._record_served_stream_output = staticmethod(of_request)
    return True


def who_answers(app, method, path):
    scope = {"type": "http", "method": method, "path": path, "root_path": "", "headers": [], "query_string": b"", "app": app}
    return next((route for route in app.router.routes if route.matches(dict(scope))[0] is Match.FULL), None)


def put_route_first(app, offered):
    """
    Moves what answers ROUTE in front of all that does not; LiteLLM has it only when it was asked once. Nothing is moved where another
    one would then answer any of `offered`, methods and paths. Requests that are being led look through the list as it was.
    """
    before, first = app.router.routes, who_answers(app, "POST", ROUTE)
    answered = [who_answers(app, *one) for one in offered]
    if first is None:
        return False
    app.router.routes = [first, *(route for route in before if route is not first)]
    if [who_answers(app, *one) for one in offered] == answered:
        return True
    app.router.routes = before
    return False


def forget_missing():
    """From now on these are known to be missing, where they are."""
    for name in MAYBE_MISSING:
        try:
            importlib.import_module(name)
        except Exception:
            sys.modules[name] = None
    return True


class Here:
    """In the place of an event loop and its threads: what is to be run is run at once."""

    async def run_in_executor(self, executor, function):
        return function()


class AsyncioHere:
    """`asyncio`, for a module that wants its loop for nothing but a thread."""

    get_event_loop = staticmethod(Here)

    def __getattr__(self, name):
        return getattr(asyncio, name)


def prepare_here():
    from litellm.llms.anthropic.pass_through.messages import handler

    source = inspect.getsource(handler)
    if source.count("get_event_loop") != 1 or "loop.run_in_executor(None, func_with_context)" not in source:
        return False
    handler.asyncio = AsyncioHere()
    return True


def look_up_once():
    from litellm.llms.anthropic.common_utils import AnthropicModelInfo

    looked_up = AnthropicModelInfo._supports_model_capability
    if not has_parameters(looked_up, "model", "key", "custom_llm_provider"):
        return False
    AnthropicModelInfo._supports_model_capability = staticmethod(functools.lru_cache(maxsize=1024)(looked_up))
    return True


def ask_key_first():
    from litellm.proxy import common_request_processing as processing
    from litellm.proxy._types import LitellmUserRoles

    searched = getattr(processing, "refuse_s3_media_the_key_may_not_read", None)
    if searched is None:
        # Since 1.109 nobody searches.
        return "s3_media" not in inspect.getsource(processing)
    if not has_parameters(searched, "data", "user_api_key_dict"):
        return False

    async def unless_all(data, user_api_key_dict, *rest):
        if user_api_key_dict.user_role != LitellmUserRoles.PROXY_ADMIN:
            await searched(data, user_api_key_dict, *rest)

    processing.refuse_s3_media_the_key_may_not_read = unless_all
    return True


def tell_services_to_somebody():
    from litellm._service_logger import ServiceLogging

    told = ServiceLogging.async_service_success_hook
    if not has_parameters(told, "self", "service", "call_type", "duration"):
        return False

    async def if_anybody(self, *args, **kwargs):
        if litellm.service_callback or self.mock_testing:
            await told(self, *args, **kwargs)

    ServiceLogging.async_service_success_hook = if_anybody
    return True


def write_bodies_quickly():
    from litellm.llms.custom_httpx import llm_http_handler

    if llm_http_handler.json is not json:
        return False
    llm_http_handler.json = json_bytes.JsonOfBodies()
    return True


def copy_when_wanted():
    """LiteLLM keeps a copy of each body for the case that a limit of a key is met, and copies that again before it uses it."""
    from litellm.proxy import common_request_processing as processing

    snapshot = processing.independent_snapshot
    source, probed = inspect.getsource(processing), getattr(processing, "_fallback_probe_data", None)
    # Since 1.109 it is also asked, by this function, whether a stand-in can do what is wanted.
    uses = 3 if probed is None else 6
    if not has_parameters(snapshot, "data") or source.count("independent_snapshot(") != 2 or source.count("pristine") != uses:
        return False
    if probed is not None:
        if not has_parameters(probed, "pristine"):
            return False
        processing._fallback_probe_data = lambda pristine, *rest: probed(read_again(pristine), *rest)

    def read_again(data):
        return data.read() if isinstance(data, json_bytes.Written) else data

    def later(data):
        if isinstance(data, json_bytes.Written):
            return data.read()
        try:
            return json_bytes.Written(data)
        except TypeError:
            return snapshot(data)

    processing.independent_snapshot = later
    return True


def count_what_is_limited():
    from litellm import Router

    counted = Router._increment_deployment_usage
    if "rpm_increment" not in inspect.signature(counted).parameters:
        # Since 1.110 it asks first whether there is a limit.
        return "tracks_usage(" in inspect.getsource(counted)
    if not has_parameters(counted, "self", "deployment_id", "deployment_name", "model_group", "total_tokens", "rpm_increment"):
        return False
    unlimited = set()

    async def if_limited(self, *, deployment_id, rpm_increment, **rest):
        if deployment_id in unlimited:
            return None
        key = await counted(self, deployment_id=deployment_id, rpm_increment=rpm_increment, **rest)
        if key is None and rpm_increment > 0:
            unlimited.add(deployment_id)
        return key

    # In 1.109 the router's core has it.
    owner = getattr(sys.modules[counted.__module__], counted.__qualname__.partition(".")[0])
    owner._increment_deployment_usage = if_limited
    return True


def lay_short_way(app):
    import short_way

    if not short_way.lay(app):
        return False
    ways.append(short_way)
    return True


def way_for(scope):
    """The short way for a request of ROUTE, where it may take it: called as an application, and with the body as it was read."""
    return next((way.take for way in ways if way.is_open(scope)), None)


def take(name, step):
    """Takes a step, where it can be taken."""
    try:
        if step():
            taken.append(name)
            return
        why = "is not as it was known"
    except Exception as error:
        why = type(error).__name__
    print(f"gateway: LiteLLM does as much as ever ({name}: {why})", file=sys.stderr, flush=True)


def begin():
    take("records", leave_out_records)
    take("missing", forget_missing)
    take("thread", prepare_here)
    take("abilities", look_up_once)
    take("media", ask_key_first)
    take("services", tell_services_to_somebody)
    take("writing", write_bodies_quickly)
    take("copies", copy_when_wanted)
    take("usage", count_what_is_limited)
    take("dialling", upstream_connections.take_spares)
