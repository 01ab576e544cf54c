"""What this gateway takes from LiteLLM's inside, which no release of LiteLLM promises to keep.

Written by claude-routing-install. Where a part is missing, or is called otherwise, the gateway ends at its start and says which
(routing_guard.py asks): a hook that is no longer called holds nothing back.
"""

import importlib
import importlib.metadata
import inspect

# LiteLLM calls these with exactly these names: ours have them.
CALLED_BY_LITELLM = {
    "litellm.integrations.custom_logger:CustomLogger.async_pre_call_hook": "user_api_key_dict cache data call_type",
    "litellm.integrations.custom_logger:CustomLogger.async_pre_call_deployment_hook": "kwargs call_type",
    "litellm.integrations.custom_logger:CustomLogger.async_post_call_success_hook": "data user_api_key_dict response",
    "litellm.integrations.custom_logger:CustomLogger.async_post_call_streaming_iterator_hook": "user_api_key_dict response request_data",
    "litellm.integrations.custom_logger:CustomLogger.async_post_call_failure_hook": "request_data original_exception user_api_key_dict traceback_str",
    "litellm.integrations.custom_logger:CustomLogger.log_success_fallback_event": "original_model_group kwargs original_exception",
}
ERROR = "message model llm_provider"
# Called by us: these names are taken, and no other one is needed.
CALLED_BY_US = {
    "litellm.llms.custom_httpx.http_handler:AsyncHTTPHandler": "event_hooks",
    "litellm.llms.custom_httpx.http_handler:AsyncHTTPHandler.post": "url data timeout stream",
    "litellm.llms.custom_httpx.http_handler:AsyncHTTPHandler.create_client": "timeout event_hooks",
    "litellm.proxy.proxy_server:app.build_middleware_stack": "",
    "litellm:Router.get_deployment": "model_id",
    "litellm:Router.get_model_list": "model_name",
    "litellm:get_model_info": "model custom_llm_provider",
    "litellm:cost_per_token": "model custom_llm_provider usage_object call_type",
    "litellm.llms.anthropic.chat.transformation:AnthropicConfig.calculate_usage": "usage_object reasoning_content",
    "litellm.llms.anthropic.cost_calculation:get_cost_for_anthropic_web_search": "model_info usage",
    "litellm.exceptions:APIConnectionError": ERROR,
    "litellm.exceptions:AuthenticationError": ERROR,
    "litellm.exceptions:BadRequestError": ERROR,
    "litellm.exceptions:InternalServerError": ERROR,
    "litellm.exceptions:RateLimitError": ERROR,
    "litellm.exceptions:Timeout": ERROR,
}
THERE = (
    "litellm:callbacks",
    "litellm:content_policy_fallbacks",
    "litellm:model_cost",
    "litellm:success_callback",
    "litellm:_async_success_callback",
    "litellm.litellm_core_utils.prompt_templates:image_handling.async_safe_get",
    "litellm.litellm_core_utils.prompt_templates:image_handling.safe_get",
    "litellm.litellm_core_utils:token_counter.safe_get",
    "litellm.litellm_core_utils.url_utils:SSRFError",
    "litellm.proxy.proxy_server:app.middleware_stack",
    "litellm.proxy.proxy_server:llm_router",
    "litellm.types.router:GenericLiteLLMParams.model_fields",
    "litellm.types.utils:CallTypes.anthropic_messages",
    "litellm.types.utils:all_litellm_params",
)


def lacks():
    """Everything that is not as it has to be, in words."""
    asked = (
        *((part, names, True) for part, names in CALLED_BY_LITELLM.items()),
        *((part, names, False) for part, names in CALLED_BY_US.items()),
        *((part, None, False) for part in THERE),
    )
    return [lack for lack in (lack_of(*one) for one in asked) if lack]


def lack_of(part, names, exactly):
    """What is wrong with one part; None where nothing is."""
    module, _, path = part.partition(":")
    try:
        found = importlib.import_module(module)
        for name in path.split("."):
            found = getattr(found, name)
    except (ImportError, AttributeError):
        return f"{part} is missing"
    if names is None:
        return None
    known = {name: one for name, one in inspect.signature(found).parameters.items() if name != "self"}
    named = {name: one for name, one in known.items() if one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)}
    wanted, needed = set(names.split()), {name for name, one in named.items() if one.default is one.empty}
    fits = wanted == set(known) if exactly else needed <= wanted and (wanted <= set(named) or "kwargs" in known)
    return None if fits else f"{part} takes ({', '.join(known)})"


def require():
    lacking = lacks()
    if lacking:
        # LiteLLM puts words of its own in the place of an ImportError's.
        raise RuntimeError(
            f"LiteLLM {importlib.metadata.version('litellm')} is not fit for this gateway, which does not serve with it:"
            f" {'; '.join(lacking)}. Take another one:  claude-routing-install update --image IMAGE"
        )

