"""Sealed folders: once text of theirs is in a conversation, that conversation is answered by the local model, for good.

Written by claude-routing-install. The guard asks for each request before anybody else looks at it, and leads what is sealed to the strict
name of the local model, which no cloud stands in for. A request is sealed when

- its session is: it was once, which is on the disk and outlives the gateway,
- it was started in a sealed folder, or stands there,
- it names a file of one (sealed_paths.py),
- it has text of one, wherever that stands in it (sealed_text.py), or the bytes of a whole file,
- it names a sealed session, as the summary of a conversation does, and whoever reads its transcript.

What a program made of a text before it got into the conversation is not known.
"""

import base64
import binascii
import hashlib
import json
import os
import re
import sys
import time
from collections import OrderedDict

import conversations
from gateway_names import ROUTING_HEADER
from sealed_files import SealedFiles, text_of
from sealed_paths import Folders, places_in
from sealed_text import SHORTEST_TEXT

GIVEN = json.loads(os.environ.get("SEALED_FOLDERS") or "{}")
FOLDERS = GIVEN.get("folders", [])
IS_SET = bool(FOLDERS)
RULE = "sealed-folder"
WORDS = "this conversation has text of a sealed folder and stays local:  claude-routing-install explain sealed-conversation"
ID = re.compile(conversations.UUID)
# A file in an address, as OpenAI's APIs take it.
IN_ADDRESS = re.compile(r"data:[^,]{0,100};base64,")
# A blank and the like in a path, as the kernel writes it: proc(5).
OCTAL = re.compile(r"\\([0-7]{3})")
STATE = os.environ.get("REQUEST_LOG_DIR", "")
SESSIONS, COUNTS = "sealed-sessions", "sealed-index.json"
MOST_CLEAN = 20_000
# What is not text although it is a string: https://platform.claude.com/docs/en/api/messages
NO_TEXT = frozenset(("signature", "cache_control", "encrypted_content", "id", "tool_use_id", "type", "role"))


class NotWritten(Exception):
    """That a session is sealed could not be written down, so it is not answered at all."""


class SealedSessions:
    """Ids in a file, one a line; it is only added to."""

    def __init__(self, path):
        self.path, self.ids = path, set()
        if path and os.path.exists(path):
            with open(path, encoding="ascii", errors="replace") as file:
                self.ids.update(ID.findall(file.read()))

    def add(self, session):
        if session in self.ids:
            return False
        try:
            file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            try:
                # A line break in front as well: the last line may have been cut off.
                line = f"\n{session}\n".encode()
                if os.write(file, line) != len(line):
                    raise OSError("the disk is full")
                os.fsync(file)
            finally:
                os.close(file)
        except OSError as error:
            raise NotWritten(str(error)) from error
        self.ids.add(session)
        return True


class Parts:
    """What of a request is looked at: calls of tools, results, whole files, and every text, whatever its field is called."""

    def __init__(self, body):
        self.calls, self.results, self.texts, self.files = [], [], [], []
        self._walk(body, self.texts)

    def _walk(self, value, into):
        if isinstance(value, str):
            address = IN_ADDRESS.match(value)
            into.append(value) if address is None else self.files.append(value[address.end() :])
        elif isinstance(value, (int, float)) and len(str(value)) >= SHORTEST_TEXT:
            # An account in a call of a tool, for example.
            self.texts.append(str(value))
        elif isinstance(value, list):
            for one in value:
                self._walk(one, into)
            # Of a text in several blocks, such as a line in each, no block may have enough to be known by.
            said = [one["text"] for one in value if isinstance(one, dict) and isinstance(one.get("text"), str)]
            if len(said) > 1:
                into.append("\n".join(said))
        elif isinstance(value, dict):
            self._walk_fields(value, into)

    def _walk_fields(self, value, into):
        kind = str(value.get("type"))
        for name, one in value.items():
            # In an answer to a question of the model the question is a name.
            if len(name) >= SHORTEST_TEXT:
                self.texts.append(name)
            if kind == "base64" and name == "data" and isinstance(one, str):
                self.files.append(one)
                continue
            if name in NO_TEXT and isinstance(one, str):
                continue
            # In the Messages API, and in OpenAI's.
            called = name == "arguments" or (name == "input" and kind.endswith("tool_use"))
            result = kind.endswith("tool_result") or (name == "output" and kind == "function_call_output") or value.get("role") == "tool"
            inside = self.calls if called else self.results if result else into
            self._walk(one, inside)


class Seal:
    """Decides. `folders`: dicts with the `path` that people know, its `mark`, and where the files are `at`."""

    def __init__(self, folders, home, state):
        self.folders = Folders([folder["path"] for folder in folders], home)
        self.marks = {folder["mark"] for folder in folders}
        self.files = SealedFiles([folder["at"] for folder in folders])
        self.sessions = SealedSessions(os.path.join(state, SESSIONS) if state else "")
        self.counts = os.path.join(state, COUNTS) if state else None
        for suffix in real_ends([folder["at"] for folder in folders]):
            self.folders.also(suffix)
        # Hashes of long texts in which nothing was found; a conversation sends the same ones again with every turn.
        self.clean = OrderedDict()
        self.look()

    def look(self):
        if self.files.look():
            self.clean.clear()
            self._tell_counts()

    def reason(self, headers, body):
        """Why a request stays local, in one word; None where it does not. Its session stays local from then on."""
        session = conversations.session_of(headers, body)
        if session in self.sessions.ids:
            return "session"
        self.look()
        why = self._found(headers, body)
        if why is not None and session is not None and self.sessions.add(session):
            self.clean.clear()
        return why

    def _found(self, headers, body):
        if self.marks & {mark.strip() for mark in headers.get(ROUTING_HEADER, "").split(";")}:
            return "folder"
        parts = Parts(body)
        places = list(dict.fromkeys(place for text in parts.texts for place in places_in(text)))
        if any(self.folders.hold(place) for place in places):
            return "folder"
        for call in parts.calls:
            places = self.folders.places_after(call, places)
            if self.folders.are_called(call, places):
                return "name"
        if any(self.folders.are_listed_in(text, places) for text in parts.results):
            return "name"
        for text in (*parts.texts, *parts.results, *parts.calls):
            why = self._found_in(text)
            if why is not None:
                return why
        return next(filter(None, map(self._found_in_file, parts.files)), None)

    def _found_in(self, text):
        key = hash(text)
        if key in self.clean:
            self.clean.move_to_end(key)
            return None
        if self.folders.are_named_in(text):
            return "name"
        if self.files.text.holds(text):
            return "text"
        if self.sessions.ids and not self.sessions.ids.isdisjoint(ID.findall(text)):
            return "session"
        self.clean[key] = None
        if len(self.clean) > MOST_CLEAN:
            self.clean.popitem(last=False)
        return None

    def _found_in_file(self, data):
        try:
            whole = base64.b64decode(data)
        except (binascii.Error, ValueError):
            return None
        if hashlib.sha256(whole).digest() in self.files.digests:
            return "file"
        text = text_of(whole)
        return None if text is None else self._found_in(text)

    def _tell_counts(self):
        try:
            if self.counts is not None:
                with open(self.counts, "w", encoding="utf-8", errors="replace") as file:
                    json.dump({"v": 1, "at": round(time.time()), **self.files.counts()}, file)
        except OSError as error:
            print(f"sealed folders: what was read is not told ({type(error).__name__})", file=sys.stderr, flush=True)


def real_ends(places):
    """How the real paths of mounted folders end, which may have been named by symbolic links: as the kernel tells it."""
    try:
        with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
            rows = [line.split(" ") for line in file]
    except OSError:
        return []
    ends = [OCTAL.sub(lambda found: chr(int(found[1], 8)), row[3]) for row in rows if row[4] in places]
    return [end for end in ends if end.count("/") > 1]


seal = Seal(FOLDERS, GIVEN.get("home", "/"), STATE) if IS_SET else None
