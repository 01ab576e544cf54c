"""The person's own rules: which model answers a request, by what kind it is, how large, who sent it and from which folder.

Written by claude-routing-install. The guard asks for each request to the Messages API, before anybody else looks at it; the first rule
that fits wins, and without one the request goes where it was meant to go. The program decides in the same way when it explains or
simulates rules (routing-rules.ts); one table of cases holds both.

What kind a request is, Claude Code says itself (headers since its version 2.1.273, which the launchers switch on). The rest is read off
the body, in the words of version 2.1.330.
"""

import json
import os
import re

import agent_names
from gateway_names import ROUTING_HEADER, SESSION_HEADER

GIVEN = json.loads(os.environ.get("ROUTING_RULES") or "{}")
RULES = GIVEN.get("rules", [])
# Whether a request that names the local model may be led to a cloud; one that names the strict one never is.
MAY_LEAVE_HOME = GIVEN.get("mayLeaveHome") is True

CLASS_HEADER = "x-claude-code-request-class"
AGENT_HEADER = "x-claude-code-agent-type"
LAUNCHER = re.compile(r"[a-z][a-z-]{0,31}")
AGENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_:-]{0,63}")
DIRECTORY = re.compile(r"in-[0-9a-f]{8}")
# What only tries the gateway asks for what it means; a drill that tries a rule says so by this mark.
TRIALS = ("drill", "proof")
TRIED = "ruled"

KINDS = "title background subagent plan compaction web-search image tool-result".split()
AGENT_CLASSES = ("subagent", "workflow")
TITLE = "<session>"
COMPACTION = "CRITICAL: Respond with TEXT ONLY"
REMINDER = "<system-reminder>"
PLANS = ("Plan mode is active", "Plan mode still active")
PLANS_AGAIN = "Entered plan mode."
PLANS_NO_MORE = "## Exited Plan Mode"
# Somewhere in a body, where there is any of them; to look for them turn by turn takes much longer.
PLANS_ANYWHERE = tuple(words.encode() for words in (*PLANS, PLANS_AGAIN))
# Reminders stand at the end of a tool's result.
LONGEST_TAIL = 4096
# Claude Code's own measure, of the whole request as it is sent: its first one has 86,897 bytes and about 21,700 tokens.
BYTES_PER_TOKEN = 4
IMAGE, IMAGE_DATA = b'"base64"', b'"data":'
LONGEST_MEDIA_TYPE = 200


def rule_for(rules, request):
    """The first rule that fits; None when none does."""
    return next((rule for rule in rules if fits(rule, request)), None)


def led(raw, model):
    """A body for another model. Of two fields of a name the last one counts; to write it anew takes longer than all of the rest."""
    return b"".join((memoryview(raw)[: raw.rindex(b"}")], b',"model":', json.dumps(model).encode(), b"}"))


def fits(rule, request):
    when = rule["when"]
    return (
        not (rule["cloud"] and request["staysHome"])
        and ("kind" not in when or when["kind"] in request["kinds"])
        and ("agent" not in when or when["agent"] in (request["agent"] or "").split("/"))
        and ("launcher" not in when or when["launcher"] == request["launcher"])
        and ("directory" not in when or when["directory"] in request["directories"])
        and ("largerThan" not in when or request["tokens"] > when["largerThan"])
        and ("smallerThan" not in when or request["tokens"] < when["smallerThan"])
    )


def describe(headers, body, raw):
    """What the rules and the request log know of a request: `headers` by name in small letters, and the body, also as it was sent."""
    launcher, *marks = (word.strip() for word in headers.get(ROUTING_HEADER, "").split(";"))
    return {
        "kinds": kinds_of(headers, body, any(raw.rfind(words) >= 0 for words in PLANS_ANYWHERE)),
        "agent": agent_of(headers, body),
        "launcher": launcher if LAUNCHER.fullmatch(launcher) else None,
        "directories": [mark for mark in marks if DIRECTORY.fullmatch(mark)],
        "tokens": tokens_of(raw),
        "isTrial": (launcher in TRIALS or "proof" in marks) and TRIED not in marks,
    }


def agent_of(headers, body):
    """The subagent that a request is of: as Claude Code calls it, and behind `custom/` as its owner does; None when it is of none."""
    said = headers.get(AGENT_HEADER, "")
    name = agent_names.name_of(headers.get(SESSION_HEADER), listed(body, "messages")) if said == agent_names.CUSTOM else None
    if name is not None and AGENT.fullmatch(name):
        return f"{said}/{name}"
    return said if AGENT.fullmatch(said) else None


def tokens_of(raw):
    """About how many tokens a request has, images left out."""
    # Nearly always there is none, and looking from the end is faster by far.
    letters, at = len(raw), raw.find(IMAGE) if raw.rfind(IMAGE) >= 0 else -1
    while at >= 0:
        data = raw.find(IMAGE_DATA, at, at + LONGEST_MEDIA_TYPE)
        begin = raw.find(b'"', data + len(IMAGE_DATA)) if data >= 0 else -1
        end = raw.find(b'"', begin + 1) if begin >= 0 else -1
        letters -= max(0, end - begin)
        at = raw.find(IMAGE, max(at + 1, end))
    return letters // BYTES_PER_TOKEN


def kinds_of(headers, body, may_plan=True):
    """Every kind that a request is of. `may_plan` is False where nothing in it says that plan mode is on."""
    said = headers.get(CLASS_HEADER)
    turns = listed(body, "messages")
    tools = [tool for tool in listed(body, "tools") if isinstance(tool, dict)]
    last = blocks_of(next((turn for turn in reversed(turns) if isinstance(turn, dict) and turn.get("role") == "user"), None))
    found = {
        "title": not tools and said in (None, "auxiliary") and begins(blocks_of(turns[0] if turns else None), TITLE),
        "background": said == "auxiliary",
        "subagent": said in AGENT_CLASSES or (said is None and AGENT_HEADER in headers),
        "plan": may_plan and plans(turns),
        "compaction": said == "compaction" or (said is None and begins(last[-1:], COMPACTION)),
        "web-search": any(str(tool.get("type", "")).startswith("web_search") for tool in tools),
        "image": any(shows_image(block) for block in last),
        "tool-result": any(block.get("type") == "tool_result" for block in last),
    }
    return [kind for kind in KINDS if found[kind]]


def listed(body, name):
    return body[name] if isinstance(body.get(name), list) else []


def blocks_of(turn):
    content = turn.get("content") if isinstance(turn, dict) else None
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return [block for block in content if isinstance(block, dict)] if isinstance(content, list) else []


def begins(blocks, words):
    return any(isinstance(block.get("text"), str) and block["text"].startswith(words) for block in blocks)


def shows_image(block):
    inner = block.get("content")
    return block.get("type") == "image" or (isinstance(inner, list) and any(isinstance(one, dict) and one.get("type") == "image" for one in inner))


def plans(turns):
    """Whether plan mode is on: what a reminder said last."""
    for turn in reversed(turns):
        if not isinstance(turn, dict) or turn.get("role") == "assistant":
            continue
        for block in reversed(blocks_of(turn)):
            said = planning_in(block, turn.get("role") == "system")
            if said is not None:
                return said
    return False


def planning_in(block, is_reminder):
    """Whether a block says that plan mode is on, or off; None when it says nothing of it."""
    text = block.get("text")
    if isinstance(text, str):
        return last_word(text) if is_reminder or text.startswith(REMINDER) else None
    for result in reversed(results_in(block)):
        tail = result[-LONGEST_TAIL:]
        said = last_word(tail[tail.find(REMINDER) :]) if REMINDER in tail else None
        if said is not None or result.startswith(PLANS_AGAIN):
            return said is not False
    return None


def results_in(block):
    """The texts of a tool's result."""
    inner = block.get("content") if block.get("type") == "tool_result" else None
    parts = [inner] if isinstance(inner, str) else inner if isinstance(inner, list) else []
    texts = [part.get("text") if isinstance(part, dict) else part for part in parts]
    return [text for text in texts if isinstance(text, str)]


def last_word(text):
    on, off = max(text.rfind(words) for words in PLANS), text.rfind(PLANS_NO_MORE)
    return None if on == off else on > off
