"""Prints what the installed LiteLLM needs to run as a proxy, in the form of a requirements file.

Names given as arguments are left out. Two kinds of bounds are loosened, so that an index that lags behind still
serves: the certificate bundle (the lab adds its own authority anyway) and exact pins (the newest version up to it).
"""

import sys
from importlib.metadata import requires

from pip._vendor.packaging.requirements import Requirement

for text in requires("litellm") or []:
    requirement = Requirement(text)
    marker, requirement.marker = requirement.marker, None
    wanted = marker is None or marker.evaluate({"extra": "proxy"})
    if not wanted or requirement.name in sys.argv[1:]:
        continue
    if requirement.name == "certifi":
        print("certifi")
    else:
        print(str(requirement).replace("==", "<="))
