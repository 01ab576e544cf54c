"""What a cloud does by itself for an answer, besides saying it, as far as that is paid for.

Written by claude-routing-install. Of all tools that a cloud runs itself, a search in the web has a price of its own, and the price list has
it (`search_context_cost_per_query`); an advisor is another model, paid by the token. To fetch a page, to look for tools and to run code
beside one of these costs nothing but tokens: https://platform.claude.com/docs/en/about-claude/pricing

What nobody can count: code that runs without them is paid by the hour of its container, which no answer tells; and how much text tools
bring in is known at the end alone, so it is no part of the most that an answer may cost.
"""

import functools

import cache_writes

SEARCH, SEARCH_PRICE = "web_search", "search_context_cost_per_query"
ADVISOR, ADVICE = "advisor", "advisor_message"
# The call of a tool has more, so an answer has no more calls than its tokens let it.
FEWEST_TOKENS_OF_CALL = 25
# Where it is not said how often an advisor may be asked; LiteLLM's own limit.
MOST_ADVICE = 5


@functools.cache
def dearest_search():
    """Dollars for a search, where it is dearest; a search of another cloud may not be in the list."""
    import litellm

    listed = [prices[SEARCH_PRICE] for name, prices in litellm.model_cost.items() if "claude" in name and prices.get(SEARCH_PRICE)]
    return max((price for prices in listed for price in prices.values()), default=0)


def uses_in(tools, kind, most):
    """The tools of a kind, each with how often it may be used; `most` where it does not say so."""
    given = [tool for tool in (tools if isinstance(tools, list) else []) if isinstance(tool, dict)]
    named = [tool for tool in given if str(tool.get("type")).startswith(kind)]
    return [(tool, tool["max_uses"] if cache_writes.is_count(tool.get("max_uses")) else most) for tool in named]


def searches_in(tools, words):
    """How many searches an answer of so many tokens makes at the most."""
    most = words // FEWEST_TOKENS_OF_CALL
    return sum(min(uses, most) for _, uses in uses_in(tools, SEARCH, most))


def advisors_in(tools, words):
    """The advisors that an answer may ask, by their models' names, and how often."""
    most = words // FEWEST_TOKENS_OF_CALL
    return [(tool.get("model"), min(uses, most)) for tool, uses in uses_in(tools, ADVISOR, MOST_ADVICE)]


def by_model(usage):
    """What an answer's own model used; and what each advisor did, with its name, which is no part of the totals."""
    rounds = usage.get("iterations")
    if not isinstance(rounds, list):
        return usage, []
    advice = [one for one in rounds if one.get("type") == ADVICE]
    own = [one for one in rounds if one not in advice]
    return {**usage, "iterations": own}, [(one.get("model"), {**one, "iterations": None}) for one in advice]
