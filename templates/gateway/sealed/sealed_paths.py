"""Whether a conversation names a file of a sealed folder.

Written by claude-routing-install. In a call of a tool every word counts that leads into such a folder: absolute, from home, through
`..`, with wildcards, or from where the session stands or went with `cd`. Anywhere else it is a whole path of something below the
folder: that the folder is there may be said, in a person's instructions for example. A name that is not plain is written in many
ways, by git, in an address, in JSON or on another system: each is known.
"""

import functools
import json
import os
import re
import unicodedata
from fnmatch import fnmatchcase
from urllib.parse import quote, unquote

STANDS_IN = re.compile(r"working directory:? +(/[^\n\r`<]*)", re.IGNORECASE)
# What stands between the words of a command line, as far as a path does not have it.
BETWEEN = re.compile(r"[\s;|&<>()=`:]+")
GOES_TO = re.compile(r"(?:^|[;&|(]\s*)(?:cd|pushd)\s+(?:--\s+)?(\"[^\"]*\"|'[^']*'|(?:[^\s;&|)\\]|\\.)+)", re.MULTILINE)
HOME = re.compile(r"^(?:~|\$HOME|\$\{HOME\})(?=/|$)")
MOST_PLACES = 16
LONGEST_PATH = 4096
WILD = re.compile(r"[*?\[]")
BRACES = re.compile(r"\{[^{}]*\}")
ENDS = r"(?![\w-])(?!\.\w)"
# Not in the middle of another path; an option of one letter may stand right before it.
BEGINS = r"(?:(?<![\w.-])|(?<=\s-\w))"
PLAIN = re.compile(r"[\w./-]*", re.ASCII)


def in_address(path):
    return quote(path, errors="surrogateescape")


def by_git(path):
    return "".join(chr(byte) if byte < 0x80 else f"\\{byte:03o}" for byte in path.encode("utf-8", "surrogateescape"))


def in_json(path):
    return json.dumps(path)[1:-1]


def in_shell(path):
    return re.sub(r"([^\w./-])", r"\\\1", path)


@functools.cache
def spellings(path):
    """The ways in which a path is written."""
    if PLAIN.fullmatch(path):
        return (path,)
    forms = [unicodedata.normalize(form, path) for form in ("NFC", "NFD")]
    return tuple(dict.fromkeys(way(form) for form in forms for way in (str, in_address, by_git, in_json, in_shell)))


def pattern_of(path):
    return re.escape(path).replace("/", r"/+(?:\./+)*")


class Folders:
    """`paths` are those of the folders, absolute and without a slash at their end; `home` is what ~ stands for."""

    def __init__(self, paths, home):
        self.paths, self.home = [normal(path) for path in paths], home
        self.names = {os.path.basename(way) for path in paths for way in spellings(path)}
        user = re.escape(os.path.basename(home))
        homely = [way for path in paths if path.startswith(home + "/") for way in spellings(path[len(home) :])]
        written = [
            *(pattern_of(way) for path in paths for way in spellings(path)),
            *(rf"(?:~(?:{user})?|\$HOME|\$\{{HOME\}}){pattern_of(way)}" for way in homely),
        ]
        self.written = rf"{BEGINS}(?:{'|'.join(written)})" if written else r"(?!)"
        self._compile()

    def also(self, suffix):
        """The end of a folder's path without symbolic links, which is longer than a single name."""
        ways = spellings(suffix)
        self.names.update(map(os.path.basename, ways))
        self.written = rf"(?:{self.written}|{'|'.join(map(pattern_of, ways))})"
        self._compile()

    def _compile(self):
        self.at, self.below = re.compile(self.written + ENDS), re.compile(self.written + r"/+[\w.~+@#%\[({-]")

    def hold(self, path):
        """Whether this absolute path, which may have wildcards, is a folder of them or below one."""
        parts = path.split("/")
        return any(fits(folder.split("/"), parts) for folder in self.paths)

    def are_named_in(self, text):
        """Whether a text has the path of something below a folder."""
        # A name is found much faster than what this stands for.
        return any(name in text for name in self.names) and self.below.search(text) is not None

    def are_listed_in(self, text, places):
        """Whether a line of a result begins with something below a folder, as seen from one of these places."""
        for folder in self.paths:
            for place in places:
                if folder.startswith(place.rstrip("/") + "/"):
                    ways = spellings(folder[len(place.rstrip("/")) + 1 :])
                    if any(way in text and re.search(rf'^"?(?:\./)?{re.escape(way)}/', text, re.MULTILINE) for way in ways):
                        return True
        return False

    def are_called(self, call, places):
        """Whether a word of a tool's call leads into a folder."""
        plain = without_quotes(call)
        if any(self._is_at(text) for text in (plain, call)):
            return True
        words = {*BETWEEN.split(plain), *BETWEEN.split(plain.replace(",", " "))}
        return any(self.hold(path) for word in words if self._may_lead(word) for path in self.resolved(word, places))

    def _is_at(self, text):
        return any(name in text for name in self.names) and self.at.search(text) is not None

    def _may_lead(self, word):
        return "/" in word or unquoted(word) in self.names or word.startswith("..") or WILD.search(word, 1) is not None

    def places_after(self, call, places):
        """The places, and those that a call went to."""
        places = list(places)
        for word in GOES_TO.findall(call):
            new = [place for place in self.resolved(without_quotes(word), places) if place not in places]
            places += new[: max(0, MOST_PLACES - len(places))]
        return places

    def resolved(self, word, places):
        """The absolute paths that a word may stand for."""
        if not word or len(word) > LONGEST_PATH:
            return []
        word = BRACES.sub("*", HOME.sub(lambda _: self.home, unquoted(word.removeprefix("file://"))))
        if word.startswith("/"):
            return [normal(word)]
        # What is looked for everywhere is told by what is found.
        return [] if WILD.match(word.removeprefix("./")) else [normal(f"{place}/{word}") for place in places]


def places_in(text):
    """Where a session stands, as its client tells the model."""
    return [normal(place.strip()) for place in STANDS_IN.findall(text)] if "irectory" in text else []


def without_quotes(text):
    """A command as its words are, blanks and all."""
    return re.sub(r"\\(.)", r"\1", text.replace("\\\n", "")).replace('"', "").replace("'", "")


def unquoted(word):
    """A word of an address as the file is called."""
    return unquote(word) if "%" in word else word


def normal(path):
    return "/" + unicodedata.normalize("NFC", os.path.normpath(path)).lstrip("/")


def fits(folder, parts):
    """Whether a path goes through a folder, both in parts. A wildcard stands for whatever it may stand for."""
    for name, part in zip(folder, parts):
        if part == "**":
            return True
        if part != name and not (WILD.search(part) and fnmatchcase(name, part)):
            return False
    return len(parts) >= len(folder)
