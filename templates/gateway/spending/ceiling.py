"""The most that may be spent in a day and in a month, and what becomes of a request to a cloud then.

Written by claude-routing-install. The request log is the ledger (spending.py), so nothing is forgotten when the gateway is killed.
Before a cloud is asked, a line says that it is, and what the answer may cost at the most; the line of the request takes that back.
What was begun and never got its line counts with that most: it was cut off by a kill. Requests that are under way are not counted
before they end, so what is spent beyond a ceiling is at most what was under way when it was reached.

A cloud's model whose price is not known is not asked while there is a ceiling: nobody could say when it is reached.
"""

import os
import time

import cache_writes
import cloud_turns
import prices
import server_tools
from cloud_refusals import current, own_refusal
from gateway_names import LOCAL_PREFIX, ROUTE
from log_file import log_file, time_of
from spending import ledger

STATUS = 402
# The local model answers in the cloud's place; otherwise the request is refused.
LEADS_HOME = os.environ.get("SPENDING_AT_CEILING") == "local"
# In a drill alone: a file with the dollars that it pretends to have spent.
PRETENDED = os.environ.get("SPENDING_PRETENDED", "")
# A token has more letters, in any language that is written with few of them.
FEWEST_LETTERS = 2
# Of an image, whatever its size is: https://platform.claude.com/docs/en/build-with-claude/vision
IMAGE_TOKENS = 5_000
# Of an answer whose request does not say it.
MOST_WORDS = 128_000
# What makes all that an answer takes dearer: https://platform.claude.com/docs/en/about-claude/pricing
SURCHARGES = ("speed", "inference_geo")
RUN = os.urandom(4).hex()
ANY_USE = dict.fromkeys(("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"), 1)

# What was begun by this process, by the id that its lines have.
under_way = {}
priced = {}


def dollars_in(variable):
    text = os.environ.get(variable, "")
    return float(text) if text else None


PER_DAY, PER_MONTH = dollars_in("SPENDING_PER_DAY"), dollars_in("SPENDING_PER_MONTH")
IS_SET = PER_DAY is not None or PER_MONTH is not None


def words_for(day, month, per_day, per_month):
    """Which ceiling is reached by what was spent today and this month, for people; None when none is."""
    for spent, ceiling, each, key, until in (
        (month, per_month, "a month", "perMonth", "next month"),
        (day, per_day, "a day", "perDay", "tomorrow"),
    ):
        if ceiling is not None and spent >= ceiling:
            return (
                f"the ceiling of ${ceiling:.2f} {each} is reached (${spent:.2f} are spent), and no cloud is asked until {until};"
                f" to raise it:  claude-routing-install --set spending.{key}=DOLLARS"
            )
    return None


def percent_of(spent, ceiling):
    """How much of a ceiling is spent, rounded down; None where there is none."""
    return None if ceiling is None else int(100 * spent / ceiling + 1e-9)


def charged(now):
    """What counts as spent today and this month, without what is under way."""
    for held in [held for held, exchange in under_way.items() if exchange.ended]:
        del under_way[held]
    pretended = 0
    if PRETENDED and os.path.exists(PRETENDED):
        with open(PRETENDED, encoding="ascii") as file:
            pretended = float(file.read())
    day, month = ledger.charged(now, under_way)
    return day + pretended, month + pretended


def percents(now, more):
    """Fields of a line that adds so many dollars: how much of the ceilings is spent by it."""
    if not IS_SET:
        return {}
    day, month = charged(now)
    return {"dayPercent": percent_of(day + more, PER_DAY), "monthPercent": percent_of(month + more, PER_MONTH)}


def reached(deployment_id):
    """Why this deployment may not be asked now, in words for the client; None when it may."""
    if not IS_SET or deployment_id.startswith(LOCAL_PREFIX):
        return None
    if deployment_id not in priced:
        priced[deployment_id] = prices.cost_of(deployment_id, ANY_USE) is not None
    if not priced[deployment_id]:
        name = deployment_id.partition(":")[2]
        return (
            f"there is a ceiling for what is spent, and the price of {name} is not known, so it is not asked;"
            " for a Foundry deployment, give it:  claude-routing-install --set cloud.foundry.prices.FAMILY="
            "'{input: DOLLARS, output: DOLLARS, cacheRead: DOLLARS, cacheWrite: DOLLARS}'"
        )
    return words_for(*charged(time.time()), PER_DAY, PER_MONTH)


def is_reached():
    """Whether no cloud at all may be asked now."""
    return IS_SET and words_for(*charged(time.time()), PER_DAY, PER_MONTH) is not None


def cloud_of(name):
    """The deployment of a cloud behind a name of the gateway; None for every other name."""
    from litellm.proxy.proxy_server import llm_router

    listed = llm_router.get_model_list(model_name=name) if isinstance(name, str) and llm_router is not None else None
    ids = [str(one["model_info"]["id"]) for one in listed or [] if one["model_name"] == name]
    return next((one for one in ids if not one.startswith(LOCAL_PREFIX)), None)


def lead_home(name, deployment_id, why):
    """Notes that the local model is asked in a cloud's place; what the client gets when it cannot answer either."""
    exchange = current.get()
    exchange.led_home, exchange.asked, exchange.first = name, [deployment_id], own_refusal(STATUS, why)


def admit(kwargs, deployment_id, why):
    """Notes that a cloud is asked now; `why` it may not, if so. Raises where it is not asked."""
    if not IS_SET:
        return
    exchange = current.get()
    if why is None and exchange is None:
        why = f"there is a ceiling for what is spent, and clouds are asked on {ROUTE} alone, where that is counted"
    if why is None and not hold(kwargs, deployment_id, exchange):
        why = "there is a ceiling for what is spent, and that cannot be written down:  claude-routing-install doctor"
    if why is None:
        return
    from litellm.exceptions import BadRequestError

    if exchange is not None:
        exchange.refusal, exchange.stays, exchange.at_ceiling = own_refusal(STATUS, why), not LEADS_HOME, True
    raise BadRequestError(message=why, model=str(kwargs.get("model")), llm_provider="gateway")


def hold(kwargs, deployment_id, exchange):
    """Whether it is written down that a cloud is asked, and what the answer costs at the most."""
    exchange.held = exchange.held or f"{RUN}-{id(exchange):x}-{time.monotonic_ns():x}"
    under_way[exchange.held] = exchange
    most = most_of(kwargs, deployment_id)
    try:
        return log_file.append({"v": 1, "at": time_of(time.time()), "held": exchange.held, "most": most})
    except OSError:
        return False


def letters_of_file(source):
    """An image, or a document: of its text in base64 a token has more letters, too."""
    is_image = str(source.get("media_type")).startswith("image/")
    return IMAGE_TOKENS * FEWEST_LETTERS if is_image else len(str(source.get("data")))


def most_of(kwargs, deployment_id):
    """What an answer costs when nothing of the prompt is in the cloud's cache, all the words are said that may be, and the cloud uses its
    own tools as often as it may; what these bring in is not known."""
    letters = cloud_turns.letters_in([kwargs.get("system"), kwargs.get("messages"), kwargs.get("tools")], letters_of_file)
    prompt = cache_writes.all_new(letters // FEWEST_LETTERS, cache_writes.kept_for(kwargs) or "5m")
    words = kwargs.get("max_tokens")
    words = words if cache_writes.is_count(words) else MOST_WORDS
    usage = {**prompt, "output_tokens": words}
    most = prices.cost_of(deployment_id, {**usage, **{name: kwargs[name] for name in SURCHARGES if isinstance(kwargs.get(name), str)}}) or 0
    advice = sum(
        times * (prices.cost_of_advice(name, usage) or most) for name, times in server_tools.advisors_in(kwargs.get("tools"), words)
    )
    return most + advice + server_tools.searches_in(kwargs.get("tools"), words) * server_tools.dearest_search()
