"""How local servers say that a prompt does not fit. The one table: the gateway's modules use it, and the installer reads it.

Written by claude-routing-install. A wording that tells the prompt's length and the window's, in tokens, names both.
"""

import re

# Of LM Studio, of llama.cpp, and of servers that speak like OpenAI's; the last one is for those that tell no sizes.
WORDINGS = (
    r"n_keep: ?(?P<prompt>\d+) ?>= ?n_ctx: ?(?P<window>\d+)",
    r"keep the first (?P<prompt>\d+) tokens (?:.|\n)*?context length of only (?P<window>\d+) tokens",
    r"request \((?P<prompt>\d+) tokens\) exceeds the available context size \((?P<window>\d+) tokens\)",
    r"maximum context length is (?P<window>\d+) tokens\D{0,60}(?P<prompt>\d+) (?:input )?tokens",
    r"n_keep|exceeds? the available context size|exceed_context_size|greater than the context length|when context the overflows|context length of only|context (?:length|window|size) (?:is )?exceeded|maximum context length",
)
OVERFLOWS = tuple(re.compile(wording, re.IGNORECASE) for wording in WORDINGS)


def overflow_in(text):
    """The sizes that this text tells of an overflow, as far as it does; None when it speaks of something else."""
    found = next(filter(None, (wording.search(text) for wording in OVERFLOWS)), None)
    return None if found is None else found.groupdict()
