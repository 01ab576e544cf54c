"""The check of the gateway's own key, where that key alone decides.

Written by claude-routing-install. LiteLLM asks for each request what a database says of a key, its user, its team and what they may spend:
a tenth of the processor's time, for nothing, because here are no database and one key. Who shows that key, with a body of the Messages
API's own fields, gets what LiteLLM made of it the first time. Everybody else, and every other key, is checked as ever.
"""

import copy
import secrets
from datetime import datetime, timezone

import litellm
from litellm.proxy import proxy_server
from litellm.proxy.auth import auth_utils, user_api_key_auth

# Of `general_settings`: with another one LiteLLM may ask for more.
SETTINGS = frozenset({"master_key", "cancel_on_disconnect", "health_check_skip_disabled_background_models"})
# LiteLLM would rather take this one.
PREFERRED = b"x-litellm-api-key"
PREFIX = b"Bearer "
# What of a body LiteLLM reads no orders from.
FIELDS = frozenset(
    "model messages system max_tokens stream temperature top_p top_k stop_sequences tools tool_choice thinking metadata output_config"
    " context_management service_tier speed".split()
)

# What LiteLLM made of the key, once it is known.
made = []


def decides_alone():
    return (
        isinstance(proxy_server.master_key, str)
        and proxy_server.prisma_client is None
        and proxy_server.user_custom_auth is None
        and proxy_server.open_telemetry_logger is None
        and SETTINGS.issuperset(proxy_server.general_settings)
        and not (litellm.max_budget or litellm.max_end_user_budget_id or litellm.block_requests_for_models_without_pricing)
    )


def is_shown(headers):
    """Whether the gateway's key is the one that LiteLLM would take from a request's headers."""
    if any(name == PREFERRED for name, _ in headers):
        return False
    found = [value for name, value in headers if name == b"authorization"]
    if len(found) != 1 or not found[0].startswith(PREFIX):
        return False
    return secrets.compare_digest(found[0][len(PREFIX) :], proxy_server.master_key.encode())


def is_plain(body):
    metadata = body.get("metadata")
    return FIELDS.issuperset(body) and (metadata is None or (isinstance(metadata, dict) and set(metadata) <= {"user_id"}))


def checked(request, body):
    """The key of a request of ours; None where LiteLLM has to check it."""
    if not (made and decides_alone() and is_shown(request.scope["headers"]) and is_plain(body)):
        return None
    settings, router = proxy_server.general_settings, proxy_server.llm_router
    try:
        auth_utils.is_request_body_safe(body, settings, router, body.get("model", ""), route=request.url.path)
        asker = auth_utils.get_end_user_id_from_request_body(body, user_api_key_auth.safe_get_request_headers(request))
    except Exception:
        # LiteLLM has words for it.
        return None
    # Its request log counts from here.
    request.state.litellm_received_at = datetime.now(timezone.utc)
    return anew(made[0], asker)


def anew(key, asker):
    """The same key for another request, which may write in it what it likes."""
    own = {name: copy.copy(value) for name, value in vars(key).items() if isinstance(value, (dict, list, set))}
    return key.model_copy(update={**own, "end_user_id": asker})


def remember(request, body, key):
    """Takes down what LiteLLM made of the gateway's key, where it was shown alone."""
    if not made and decides_alone() and is_shown(request.scope["headers"]) and is_plain(body):
        made.append(anew(key, None))
