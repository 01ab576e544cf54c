"""The short way of /v1/messages, from the guard to LiteLLM's own function for it.

Written by claude-routing-install. LiteLLM has a dozen middlewares around every route, of which these do nothing for this one without a
database, an account or a browser; a table of hundreds of routes; and for each request a list of dependencies, which are solved one by
one, although here it is one, the key's check. The short way has the same middlewares but those, and calls the same two functions.
Whoever sends what one of those middlewares looks for goes the long way, and so does everybody where one of them has something to do.
"""

import inspect

from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from litellm.proxy import proxy_server
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

import json_bytes
import own_key

# Each with what it is for.
IDLE = frozenset(
    "AdmissionControlMiddleware RequestSizeLimitMiddleware LazyFeatureMiddleware GZipBufferedResponseMiddleware LensInternalMiddleware"
    " RedisRequestBatchMiddleware BudgetReservationReleaseMiddleware TelemetryMiddleware BillableRequestMetricsMiddleware"
    " PrometheusAuthMiddleware CORSMiddleware".split()
)
# What makes one of them act on a request.
LOOKED_FOR = frozenset({b"origin", b"x-lens-internal"})

# By the names of the check's parameters: the header that each comes from.
key_headers = {}
# Leads to LiteLLM's function.
laid = []


def is_open(scope):
    """Whether a request may go this way: none of IDLE would do anything for it."""
    return (
        proxy_server.prisma_client is None
        and proxy_server.premium_user is not True
        and proxy_server.telemetry_runtime.sink is None
        and "max_in_flight_requests_per_worker" not in proxy_server.general_settings
        and LOOKED_FOR.isdisjoint([name for name, _ in scope["headers"]])
    )


async def take(scope, receive, send, body):
    """Hands a request with this body to LiteLLM, which need not read it again."""
    scope["parsed_body"] = (tuple(body), body)
    await laid[0](scope, receive, send)


def lay(app):
    """Makes the way; False where LiteLLM is not as it was known. Its function for the route is there only when it was asked once."""
    from litellm.proxy.anthropic_endpoints.endpoints import anthropic_response
    from litellm.proxy.auth.user_api_key_auth import user_api_key_auth

    asked = inspect.signature(anthropic_response).parameters
    if list(asked) != ["fastapi_response", "request", "user_api_key_dict"] or asked["user_api_key_dict"].default.dependency is not user_api_key_auth:
        return False
    request, *rest = inspect.signature(user_api_key_auth).parameters.values()
    key_headers.update({one.name: one.default.dependency.model.name for one in rest})

    async def answer(scope, receive, send):
        request, more = Request(scope, receive, send), Response()
        del more.headers["content-length"]
        key = await key_of(request, user_api_key_auth)
        said = await anthropic_response(fastapi_response=more, request=request, user_api_key_dict=key)
        if not isinstance(said, Response):
            said = in_json(said)
            said.headers.raw.extend(more.headers.raw)
        await said(scope, receive, send)

    around = [one for one in app.user_middleware if one.cls.__name__ not in IDLE]
    way = Starlette(middleware=around, exception_handlers=app.exception_handlers)
    way.router = answer
    stack = way.build_middleware_stack()

    async def as_of_litellm(scope, receive, send):
        scope["app"], scope["path_params"], scope["endpoint"] = app, {}, anthropic_response
        await stack(scope, receive, send)

    laid[:] = [as_of_litellm]
    # What they ask is there.
    return own_key.decides_alone() in (True, False) and is_open({"headers": []}) in (True, False)


async def key_of(request, check):
    _, body = request.scope["parsed_body"]
    key = own_key.checked(request, body)
    if key is None:
        given = {name: request.headers.get(header) for name, header in key_headers.items()}
        key = await check(request=request, **given)
        own_key.remember(request, body, key)
    return key


def in_json(said):
    """A whole answer as FastAPI would write it."""
    if json_bytes.orjson is not None and isinstance(said, dict):
        try:
            return Response(json_bytes.orjson.dumps(said), media_type="application/json")
        except json_bytes.orjson.JSONEncodeError:
            pass
    return JSONResponse(jsonable_encoder(said))
