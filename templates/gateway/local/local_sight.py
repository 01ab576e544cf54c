"""Whether the local model sees: asked from its server's own listing when a request holds an image, and remembered.

Written by claude-routing-install. A listing that cannot be read changes nothing: what was known last still holds, so that a
conversation's beginning stays the same, and a model that nobody knows anything about gets no images.
"""

import functools
import re
import time

import httpx

REMEMBERED_SECONDS = 600
LISTING_SECONDS = 3
# In the words of LM Studio, llama.cpp, Ollama and vLLM.
REFUSED_IMAGE = re.compile(
    r"does not support images?|image input is not supported|(does|do) not support (image|vision|multimodal)|unable to process image"
    r"|failed to (load|decode|process) image|could not process image|invalid image|tool_result[^\n]{0,200}image"
    r"|is not a multimodal model|at most \d+ image\(s\) may be provided",
    re.IGNORECASE,
)

known = {}


@functools.cache
def trusted():
    """Whom to trust: read once, because it takes 15 ms, in which nobody is answered."""
    return httpx.create_ssl_context(trust_env=False)


def sees_in_lm_studio(listing, model):
    """Of `GET /api/v1/models`; None where the model is not in it."""
    for listed in listing.get("models") or []:
        instances = [instance.get("id") for instance in listed.get("loaded_instances") or []]
        if model in (listed.get("key"), *instances):
            return listed.get("type") == "vlm" or (listed.get("capabilities") or {}).get("vision") is True
    return None


def sees_in_older_lm_studio(listing, model):
    """Of `GET /api/v0/models`."""
    for listed in listing.get("data") or []:
        if listed.get("id") == model and "type" in listed:
            return listed["type"] == "vlm"
    return None


def sees_in_llama(properties, _):
    """Of llama.cpp's `GET /props`."""
    modalities = properties.get("modalities")
    return modalities.get("vision") is True if isinstance(modalities, dict) else None


def sees_in_ollama(listing, model):
    """Of `GET /api/tags`, where Ollama 0.30 and later says what each model can do."""
    for listed in listing.get("models") or []:
        if listed.get("name") in (model, f"{model}:latest") and isinstance(listed.get("capabilities"), list):
            return "vision" in listed["capabilities"]
    return None


def sees_in_vllm(listing, model):
    """Of `GET /v1/models`. vLLM does not tell, and refuses an image that it cannot take in words that are known above: so it is tried."""
    for listed in listing.get("data") or []:
        if listed.get("id") == model and listed.get("owned_by") == "vllm":
            return True
    return None


LISTINGS = (
    ("/api/v1/models", sees_in_lm_studio),
    ("/api/v0/models", sees_in_older_lm_studio),
    ("/props", sees_in_llama),
    ("/api/tags", sees_in_ollama),
    ("/v1/models", sees_in_vllm),
)


async def ask(base, model, key, listings=LISTINGS):
    """What the server says; None when it says nothing about this model. `listings`: where it may stand, with its reader."""
    headers = {"authorization": f"Bearer {key}"} if key else {}
    async with httpx.AsyncClient(timeout=LISTING_SECONDS, trust_env=False, verify=trusted()) as client:
        for path, read in listings:
            try:
                answer = (await client.get(base + path, headers=headers)).json()
                told = read(answer, model) if isinstance(answer, dict) else None
            except (httpx.HTTPError, ValueError, AttributeError, TypeError):
                told = None
            if told is not None:
                return told
    return None


def place_of(address, model):
    """A server's own address and the model's id there."""
    return address.rstrip("/").removesuffix("/v1"), model.removeprefix("lm_studio/")


async def sees(place, key):
    """Whether the model at this place takes images."""
    before, until = known.get(place, (False, 0))
    if time.monotonic() < until:
        return before
    now = await ask(*place, key)
    # A server that does not tell is asked again soon.
    known[place] = (before if now is None else now, time.monotonic() + (REMEMBERED_SECONDS if now is not None else LISTING_SECONDS))
    return known[place][0]

