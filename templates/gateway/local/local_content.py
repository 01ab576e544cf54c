"""Turns that a local model can take: what it cannot take becomes a short note in the text.

Written by claude-routing-install. One block that a local server refuses would be sent again with every later turn, and the
conversation would be dead. So each turn is rebuilt from what every Messages API of a local server knows: text, tool calls, tool
results with text, thinking, and images where the model sees. The rest is told in words.

A turn's new form depends on nothing that comes after the turn that answers it, so that a server can re-use what it has read.
Everything here is linear in the number of blocks; long texts and images are passed on, not copied.
"""

import hashlib
import json
import re

# A longer text inside a block that is only told about would cost more of the window than it is worth.
LONGEST_NOTE = 4000
EMPTY = "(no text)"
# How images of the kinds that local servers decode begin, in base64.
IMAGE_BEGINNINGS = {"image/png": ("iVBORw0KGgo",), "image/jpeg": ("/9j/",), "image/webp": ("UklGR",)}
# Ids that a cloud gave to tool calls; some templates take nine letters and digits only.
CLOUD_CALL = re.compile(r"(?:srv)?toolu_")
KIND = re.compile(r"[A-Za-z0-9_.-]{1,60}")
SYSTEM_ROLES = ("system", "developer")


def text_block(text):
    return {"type": "text", "text": text}


def note(words):
    return text_block(f"[{words}]")


def is_text(value):
    return isinstance(value, str) and value != ""


def blocks_of(content):
    """A content in its long form; None and rubbish are no blocks at all."""
    if isinstance(content, str):
        return [text_block(content)] if content else []
    if isinstance(content, dict):
        return [content]
    return [text_block(block) if isinstance(block, str) else block for block in content or [] if isinstance(block, (str, dict))]


def text_of(content):
    """The words of a content, whichever of its forms it has."""
    return "\n\n".join(block["text"] for block in blocks_of(content) if block.get("type") == "text" and is_text(block.get("text")))


def kind_of(block):
    kind = block.get("type")
    return kind if isinstance(kind, str) and KIND.fullmatch(kind) else "unknown"


def source_of(block):
    source = block.get("source")
    return source if isinstance(source, dict) else {}


def is_image(block):
    return isinstance(block, dict) and block.get("type") == "image"


def images_in(content):
    """How many images a content shows, those inside tool results and documents included."""
    count = 0
    for block in blocks_of(content):
        if is_image(block):
            count += 1
        elif block.get("type") == "tool_result":
            count += images_in(block.get("content"))
        elif block.get("type") == "document" and source_of(block).get("type") == "content":
            count += images_in(source_of(block).get("content"))
    return count


def shows_image(messages):
    return any(images_in(message.get("content")) for message in messages if isinstance(message, dict))


def asks_about_image(messages):
    """Whether an image came since the person last spoke: then the model has to see it to go on."""
    for message in reversed([message for message in messages if isinstance(message, dict)]):
        if images_in(message.get("content")):
            return True
        if message.get("role") == "user" and not any(block.get("type") == "tool_result" for block in blocks_of(message.get("content"))):
            return False
    return False


def readable_image(block):
    """An image as every local server takes it; None for one that would be refused whatever the model sees."""
    source = source_of(block)
    kind, data = source.get("media_type"), source.get("data")
    if source.get("type") != "base64" or not is_text(data):
        return None
    # The beginning counts, not the label: a server that decodes it refuses one that says something else.
    kind = next((name for name, starts in IMAGE_BEGINNINGS.items() if data.startswith(starts)), None)
    return kind and {"type": "image", "source": {"type": "base64", "media_type": kind, "data": data}}


def size_words(data):
    return f"{len(data) * 3 // 4096} KB" if isinstance(data, str) else "of unknown size"


def unseen_image(block, sees):
    source = source_of(block)
    kind = source.get("media_type") if source.get("media_type") in ("image/png", "image/jpeg", "image/gif", "image/webp") else "image"
    if source.get("type") == "url":
        return note(f"an image at {str(source.get('url'))[:500]}: not fetched, this model cannot open addresses")
    if source.get("type") != "base64":
        return note("an image that is kept elsewhere: not shown to this model")
    why = "it cannot be decoded" if sees else "this model cannot see images"
    return note(f"{kind}, {size_words(source.get('data'))}: not shown, {why}")


def document_blocks(block, sees):
    source = source_of(block)
    title = block.get("title") if is_text(block.get("title")) else "a document"
    if source.get("type") == "text":
        return [note(f"{title[:200]}:"), text_block(str(source.get("data") or EMPTY))]
    if source.get("type") == "content":
        return [note(f"{title[:200]}:"), *plain_blocks(source.get("content"), sees)]
    if source.get("type") == "url":
        return [note(f"{title[:200]} at {str(source.get('url'))[:500]}: not fetched, this model cannot open addresses")]
    kind = "PDF" if source.get("media_type") == "application/pdf" else "file"
    return [note(f"{title[:200]}, a {kind}, {size_words(source.get('data'))}: not shown, this model reads text only")]


def words_within(value, budget=LONGEST_NOTE):
    """The readable words of a block of any shape: texts, titles, addresses, output of programs; nothing that is encrypted."""
    found, waiting = [], [value]
    while waiting and budget > 0:
        item = waiting.pop()
        if isinstance(item, list):
            waiting.extend(reversed(item))
        elif isinstance(item, dict):
            named = [item[name] for name in ("title", "url", "tool_name", "text", "stdout", "stderr", "error_code", "content", "source", "data") if name in item]
            if item.get("type") != "base64" and not is_image(item):
                waiting.extend(reversed(named))
        elif is_text(item):
            found.append(item[:budget])
            budget -= len(item)
    return "\n".join(found)


def told(block):
    """A note in place of a block that is known to clouds alone, or to nobody yet."""
    kind = kind_of(block)
    name = block.get("name") if isinstance(block.get("name"), str) else ""
    if kind.endswith("tool_use"):
        arguments = json.dumps(block.get("input"), ensure_ascii=False, sort_keys=True)[:LONGEST_NOTE]
        return note(f"{kind} {name[:100]} {arguments}")
    words = words_within([value for key, value in block.items() if key != "type"] if kind == "unknown" else block)
    return note(f"{kind}:\n{words}") if words else note(f"{kind}: not shown, this model does not know it")


def plain_blocks(content, sees):
    """Text and readable images of a content that may hold no tool calls."""
    plain = []
    for block in blocks_of(content):
        kind = block.get("type")
        if kind == "text":
            plain += [text_block(block["text"])] if is_text(block.get("text")) else []
        elif kind == "image":
            image = readable_image(block) if sees else None
            plain.append(image or unseen_image(block, sees))
        elif kind == "document":
            plain += document_blocks(block, sees)
        else:
            plain.append(told(block))
    return plain


def call_id(identity):
    """The same id for the same call in every turn; the nine letters and digits that the strictest templates want."""
    if isinstance(identity, str) and identity and CLOUD_CALL.match(identity) is None:
        return identity
    return hashlib.sha256(str(identity).encode()).hexdigest()[:9]


def call_block(block):
    arguments = block.get("input")
    name = block.get("name") if is_text(block.get("name")) else "unknown"
    return {"type": "tool_use", "id": call_id(block.get("id")), "name": name, "input": arguments if isinstance(arguments, dict) else {}}


def result_blocks(block, sees):
    """A tool result with text alone, and the images that were in it: servers take those in a turn, not in a result."""
    inside = plain_blocks(block.get("content"), sees)
    images = [piece for piece in inside if piece["type"] == "image"]
    texts = [piece for piece in inside if piece["type"] == "text"]
    if images:
        texts.append(note("the image follows" if len(images) == 1 else f"{len(images)} images follow"))
    content = texts[0]["text"] if len(texts) == 1 else texts
    result = {"type": "tool_result", "tool_use_id": call_id(block.get("tool_use_id")), "content": content or EMPTY}
    return ({**result, "is_error": True} if block.get("is_error") is True else result), images


def assistant_blocks(content):
    plain = []
    for block in blocks_of(content):
        kind = block.get("type")
        if kind == "tool_use":
            plain.append(call_block(block))
        elif kind == "thinking":
            # Claude's own may be hidden: then only a signature is left, which nobody but Claude can read.
            thought = block.get("thinking")
            plain += [{"type": "thinking", "thinking": thought, "signature": str(block.get("signature") or "")}] if is_text(thought) else []
        elif kind != "redacted_thinking":
            plain += plain_blocks([block], False)
    return plain


def user_blocks(content, open_calls, sees):
    """Tool results first, as the Messages API wants them: one for each open call, none for a call that nobody knows."""
    results, rest, answered = [], [], set()
    for block in blocks_of(content):
        kind = block.get("type")
        if kind == "tool_result":
            result, images = result_blocks(block, sees)
            identity = result["tool_use_id"]
            if identity in open_calls and identity not in answered:
                answered.add(identity)
                results.append(result)
                rest += images
            else:
                rest += [note("the result of a tool call:"), *plain_blocks(block.get("content"), sees)]
        elif kind in ("tool_use", "thinking", "redacted_thinking"):
            rest += [told(block)] if kind == "tool_use" else []
        else:
            rest += plain_blocks([block], sees)
    missing = [{"type": "tool_result", "tool_use_id": call, "content": EMPTY} for call in open_calls if call not in answered]
    return results + missing + rest


def calls_in(blocks):
    return [block["id"] for block in blocks if block["type"] == "tool_use"]


def merged(messages):
    """Pairs of role and blocks, turns of the same role as one: many templates take turns only in turn."""
    turns = []
    for message in messages:
        if not isinstance(message, dict):
            continue
        role = "assistant" if message.get("role") == "assistant" else "user"
        blocks = blocks_of(message.get("content"))
        if turns and turns[-1][0] == role:
            turns[-1][1].extend(blocks)
        else:
            turns.append((role, list(blocks)))
    return turns


def fit_messages(messages, sees):
    """The same conversation in blocks that every local server knows. `sees`: the model takes images."""
    fitted, open_calls = [], []
    turns = merged(messages)
    if turns and turns[0][0] == "assistant":
        fitted.append({"role": "user", "content": [text_block(EMPTY)]})
    for role, content in turns:
        blocks = assistant_blocks(content) if role == "assistant" else user_blocks(content, open_calls, sees)
        open_calls = calls_in(blocks) if role == "assistant" else []
        # A turn of thinking alone is one that nobody heard.
        heard = any(block["type"] != "thinking" for block in blocks)
        fitted.append({"role": role, "content": blocks if heard else [*blocks, text_block(EMPTY)]})
    return fitted


def fit_system(system):
    """The system prompt as text blocks alone."""
    return system if isinstance(system, str) else plain_blocks(system, False)
