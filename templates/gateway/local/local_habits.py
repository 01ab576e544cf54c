"""What a local server turned out not to take, learnt from its own refusals.

Written by claude-routing-install. Some limits stand in no listing: a chat template that knows one call at a time, one that knows
no tool calls or no system prompt, a model whose listing promises sight and whose engine has none. Such a refusal comes before a word
is read, so the request is sent once more without what was refused, and the next ones are made that way from the start: the same each
time, so that a prompt that was read can be re-used. It is forgotten when the gateway starts anew.
"""

import json
import math
import re
import time

import local_content
import local_sight

NO_IMAGES = "no-images"
# One image that cannot be decoded says little about the next one.
IMAGES_FORGOTTEN_SECONDS = 3600
SYSTEM_IN_TURN = "<system-reminder>\n{}\n</system-reminder>"


def without_images(body):
    """Images as notes. The listing is no longer asked."""
    return {**body, "messages": local_content.fit_messages(body["messages"], False)}


def one_call_at_a_time(body):
    """Calls made together as calls made one after the other."""
    turns = []
    for message in body["messages"]:
        calls = [block for block in message["content"] if block["type"] == "tool_use"]
        previous = turns[-1] if turns else None
        if message["role"] == "assistant" and len(calls) > 1:
            turns.append({**message, "pending": calls})
        elif previous is not None and "pending" in previous:
            turns[-1:] = in_sequence(previous, message)
        else:
            turns.append(message)
    return {**body, "messages": [{key: value for key, value in turn.items() if key != "pending"} for turn in turns]}


def in_sequence(called, answered):
    calls = called["pending"]
    said = [block for block in called["content"] if block["type"] != "tool_use"]
    results = {block["tool_use_id"]: block for block in answered["content"] if block["type"] == "tool_result"}
    rest = [block for block in answered["content"] if block["type"] != "tool_result"]
    for number, call in enumerate(calls):
        yield {"role": "assistant", "content": [*(said if number == 0 else []), call]}
        yield {"role": "user", "content": [results[call["id"]], *(rest if number == len(calls) - 1 else [])]}


def system_in_first_turn(body):
    words = local_content.text_of(body.get("system"))
    rest = {key: value for key, value in body.items() if key != "system"}
    first, *others = body["messages"]
    opened = {**first, "content": [local_content.text_block(SYSTEM_IN_TURN.format(words)), *first["content"]]}
    return {**rest, "messages": [opened, *others]} if words else rest


def calls_in_words(body):
    """Tool calls and their results as text, for a chat template that has no turns for either."""
    return {**body, "messages": [{**turn, "content": [in_words(block) for block in turn["content"]]} for turn in body["messages"]]}


def in_words(block):
    if block["type"] == "tool_use":
        return local_content.told(block)
    if block["type"] != "tool_result":
        return block
    failed = " that failed" if block.get("is_error") else ""
    return local_content.note(f"the result of a tool call{failed}:\n{local_content.text_of(block['content'])}")


def without_thinking(body):
    """Thinking left out of the turns that were said."""
    turns = [{**turn, "content": [block for block in turn["content"] if block["type"] != "thinking"]} for turn in body["messages"]]
    return {**body, "messages": [{**turn, "content": turn["content"] or [local_content.text_block(local_content.EMPTY)]} for turn in turns]}


def hard_arguments_in_words(body):
    """Tools whose arguments have one plain type each; what the others look like is told in the description."""
    return {**body, "tools": [with_plain_arguments(tool) for tool in body["tools"]]}


def with_plain_arguments(tool):
    schema = tool["input_schema"]
    arguments = schema.get("properties") or {}
    plain = {name: argument for name, argument in arguments.items() if argument.keys() <= PLAIN_KEYWORDS and argument.get("type") in PLAIN_TYPES}
    if len(plain) == len(arguments):
        return tool
    hard = json.dumps({name: argument for name, argument in arguments.items() if name not in plain}, ensure_ascii=False)
    required = [name for name in schema.get("required") or [] if name in plain]
    words = f"{tool.get('description') or ''}\n\nFurther arguments, as JSON Schema: {hard}".strip()
    # Whatever else may be said, so that a grammar lets the others through.
    return {**tool, "description": words, "input_schema": {"type": "object", "properties": plain, "required": required, "additionalProperties": True}}


PLAIN_TYPES = ("string", "number", "integer", "boolean")
PLAIN_KEYWORDS = {"type", "description", "enum"}

# Each with the words by which it is learnt. What a template says itself comes before what it fails of.
HABITS = {
    NO_IMAGES: (local_sight.REFUSED_IMAGE, without_images),
    "one-call": (re.compile(r"single tool-?\s?calls? at once|only (one|1) tool call|only supports single tool", re.IGNORECASE), one_call_at_a_time),
    "no-system": (re.compile(r"system (role|message|prompt)s? (is |are )?not supported", re.IGNORECASE), system_in_first_turn),
    # Turns are in turn when they get here, so what does not alternate is the role of a tool's result.
    "no-tool-turns": (
        re.compile(r"roles must alternate|(tool|function) (role|message|turn|call|result)s? (is |are )?not supported|only user[^\n]{0,40} roles are supported", re.IGNORECASE),
        calls_in_words,
    ),
    "no-thinking": (
        re.compile(r"(thinking|reasoning)[^\n]{0,80}(not supported|unsupported|not allowed)|expected[^\n]{0,200}input[^\n]{0,20}thinking", re.IGNORECASE),
        without_thinking,
    ),
    # A template that looks into the arguments and stumbles; one that refuses says so in words of its own.
    "plain-arguments": (re.compile(r"^(?!.*(?:raise_exception|Jinja Exception)).*While executing \w+Expression", re.IGNORECASE | re.DOTALL), hard_arguments_in_words),
}

# By place and name, until when.
learnt = {}


def of(place):
    """What is known of this model, in the order in which it is applied."""
    now = time.monotonic()
    return [name for name in HABITS if learnt.get((place, name), 0) > now]


def adapted(body, place):
    """A fitted request in the form that this model was found to take."""
    for name in of(place):
        body = HABITS[name][1](body)
    return body


def without_refused(text, sent, place, tried=()):
    """The habit that this refusal is about and the same request in its form, as JSON; None when there is nothing more to try."""
    known = {*of(place), *tried}
    for name, (words, change) in HABITS.items():
        if name not in known and words.search(text):
            try:
                body = json.loads(sent)
                changed = change(body)
            except (ValueError, KeyError, TypeError, IndexError, AttributeError):
                continue
            if changed != body:
                return name, json.dumps(changed)
    return None


def remember(names, place):
    """Makes the next requests to this model in these forms from the start. Only what was answered is known to help."""
    for name in names:
        learnt[place, name] = time.monotonic() + IMAGES_FORGOTTEN_SECONDS if name == NO_IMAGES else math.inf
