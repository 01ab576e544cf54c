"""What an answer costs, in US dollars, by the gateway's own price list: LiteLLM's at the version that runs.

Written by claude-routing-install. Own prices stand in LiteLLM's configuration, as `model_info` of a deployment, so one calculator
prices everything. A price that is not in the list is not guessed: the answer is None.
"""

import functools

import cache_writes
import server_tools
from gateway_names import LOCAL_PREFIX

# And what stands in for clouds in a drill.
FREE = (LOCAL_PREFIX, "drill-")
OWN_PRICE = "input_cost_per_token"
CACHE_READ = "cache_read_input_token_cost"
CACHE_WRITE = "cache_creation_input_token_cost"
HOUR_WRITE = "cache_creation_input_token_cost_above_1hr"


def listed_name(deployment):
    """By which name of the price list a deployment is priced, and by whose rules."""
    asked = deployment.litellm_params.model
    if getattr(deployment.model_info, OWN_PRICE, None) is not None:
        # LiteLLM keeps a deployment's own prices below its id.
        return deployment.model_info.id, asked.partition("/")[0]
    provider, _, name = (deployment.model_info.base_model or asked).partition("/")
    return name, provider


# Neither changes while the gateway runs, and LiteLLM makes a copy of all that it knows for each look.
@functools.lru_cache(maxsize=256)
def listed_as(deployment_id):
    from litellm.proxy.proxy_server import llm_router

    return listed_name(llm_router.get_deployment(model_id=deployment_id))


@functools.lru_cache(maxsize=256)
def prices_of(name, provider):
    """As it stands in the list: what is not there would be 0 otherwise."""
    import litellm

    return litellm.model_cost[litellm.get_model_info(model=name, custom_llm_provider=provider)["key"]]


def cost_of(deployment_id, usage):
    """Dollars for an answer of this deployment with this usage of the Messages API; None where a price is not known, or no usage."""
    if deployment_id.startswith(FREE):
        return 0
    if not usage:
        return None
    try:
        own, advice = server_tools.by_model(usage)
        costs = [cost_by_list(*listed_as(deployment_id), own), *(cost_of_advice(name, used) for name, used in advice)]
        return None if None in costs else round(sum(costs), 8)
    except Exception:
        return None


def cost_of_advice(name, usage):
    """The same for an advisor, which has a name of the Claude API."""
    try:
        return cost_by_list(name, "anthropic", usage)
    except Exception:
        return None


def cost_by_list(name, provider, usage):
    import litellm
    from litellm.llms.anthropic.chat.transformation import AnthropicConfig
    from litellm.llms.anthropic.cost_calculation import get_cost_for_anthropic_web_search

    prices = prices_of(name, provider)
    counted = AnthropicConfig().calculate_usage(usage_object=usage, reasoning_content=None)
    searches = get_cost_for_anthropic_web_search(model_info=prices, usage=counted)
    if not all_priced(prices, usage, searches):
        return None
    told = litellm.cost_per_token(model=name, custom_llm_provider=provider, usage_object=counted, call_type="anthropic_messages")
    return sum(told) + searches


def all_priced(prices, usage, searches):
    """Whether everything in a usage has a price; LiteLLM takes one that is missing for nothing."""
    searched = (usage.get("server_tool_use") or {}).get("web_search_requests")
    written, hour = cache_writes.told(usage)
    cached = ((CACHE_READ, usage.get("cache_read_input_tokens")), (CACHE_WRITE, written - hour), (HOUR_WRITE, hour))
    needed = [OWN_PRICE, "output_cost_per_token", *(price for price, tokens in cached if tokens)]
    return all(prices.get(price) is not None for price in needed) and not (searched and not searches)
