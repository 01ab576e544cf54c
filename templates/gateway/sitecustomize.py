"""Python loads this before anything else in the gateway.

Written by claude-routing-install. Importing LiteLLM makes a million objects that stay for good, and the collector of cyclic garbage
walks through them again and again meanwhile, for nothing: a quarter of the time until the gateway answers. So it is put aside until
everything is there, which routing_guard.py says by start_up_is_over(). Should it never be said, the collector comes back by itself.
"""

import gc
import threading

AT_THE_LATEST_SECONDS = 600


def start_up_is_over():
    """What is there by now is never looked at again; what comes from now on is collected as ever."""
    timer.cancel()
    gc.freeze()
    gc.enable()


gc.disable()
timer = threading.Timer(AT_THE_LATEST_SECONDS, gc.enable)
timer.daemon = True
timer.start()
