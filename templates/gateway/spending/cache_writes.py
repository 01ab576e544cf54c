"""What of a prompt a cloud puts into its cache: by the price list that is dearer than to read it, and dearest where it is kept for an hour.

Written by claude-routing-install.
"""

HOUR = "ephemeral_1h_input_tokens"


def is_count(value):
    """Whether a number may be one of tokens; what a server or a client says may be anything that JSON has, and NaN."""
    return type(value) in (int, float) and 0 <= value < 1e9


def believed(usage):
    """The same usage; None where a number in it counts nothing, or is none."""
    return usage if isinstance(usage, dict) and all(is_believable(*one) for one in usage.items()) else None


def is_believable(name, value):
    if isinstance(value, dict):
        return believed(value) is not None
    if isinstance(value, list):
        return all(is_believable(name, one) for one in value)
    if isinstance(value, (int, float)):
        return is_count(value)
    return not (isinstance(value, str) and name.endswith(("_tokens", "_requests")))


def told(usage):
    """How many tokens a cloud put into its cache, and how many of them for an hour."""
    return usage.get("cache_creation_input_tokens") or 0, (usage.get("cache_creation") or {}).get(HOUR) or 0


def kept_for(body):
    """For how long a client wants the end of its prompt kept, "5m" or "1h"; None where it marks nothing (Messages API, "cache_control")."""
    turns = [turn.get("content") for turn in body.get("messages") or [] if isinstance(turn, dict)]
    blocks = [block for part in [body.get("tools"), body.get("system"), *turns] if isinstance(part, list) for block in part]
    for block in reversed([*blocks, body]):
        mark = block.get("cache_control") if isinstance(block, dict) else None
        if isinstance(mark, dict):
            return "1h" if mark.get("ttl") == "1h" else "5m"
    return None


def all_new(tokens, kept):
    """The usage of a prompt of which nothing was in the cache."""
    if kept is None:
        return {"input_tokens": tokens}
    return {"cache_creation_input_tokens": tokens, **({"cache_creation": {HOUR: tokens}} if kept == "1h" else {})}


def in_a_cloud(usage, body):
    """The usage of a local answer as a cloud would have told it: what was read anew is put into the cache, where the client marks that."""
    return {**usage, "input_tokens": 0, **all_new((usage.get("input_tokens") or 0) + told(usage)[0], kept_for(body))}
