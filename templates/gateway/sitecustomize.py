"""Python loads this before anything else in the gateway.

Written by claude-routing-install. Importing LiteLLM makes a million objects that stay for good, and the collector of cyclic garbage
walks through them again and again meanwhile, for nothing: a quarter of the time until the gateway answers. So it is put aside until
everything is there, which routing_guard.py says by start_up_is_over(). Should it never be said, the collector comes back by itself.
It is said once more when the gateway has asked itself its first requests: what LiteLLM imports for these is another 170,000 objects,
and walking through them took a tenth of a second, in which nobody was answered, for each hundred requests.

LiteLLM also has thousands of pydantic's models and adapters, of which this gateway uses a few. Each is built when it is first used, by
pydantic's own `defer_build`, instead of at the start.
"""

import gc
import sys
import threading

AT_THE_LATEST_SECONDS = 600


def start_up_is_over():
    """What is there by now is never looked at again; what comes from now on is collected as ever."""
    timer.cancel()
    gc.freeze()
    gc.enable()


def build_models_when_used():
    """As if each model and adapter said `defer_build` itself, which pydantic has no setting for. As ever where pydantic is another one."""
    try:
        from pydantic import TypeAdapter
        from pydantic._internal._config import config_defaults
    except ImportError:
        return
    if config_defaults.get("defer_build") is False and isinstance(vars(TypeAdapter).get("_defer_build"), property):
        config_defaults["defer_build"] = True
        TypeAdapter._defer_build = property(lambda adapter: True)


gc.disable()
timer = threading.Timer(AT_THE_LATEST_SECONDS, gc.enable)
timer.daemon = True
timer.start()
# The container's health check is a Python of its own, which has no use for pydantic.
if sys.orig_argv[1:2] != ["-c"]:
    build_models_when_used()
