"""The files of the sealed folders, as far as the gateway knows what stands in them.

Written by claude-routing-install. The folders are mounted into the container for reading. They are looked through again before a request
is judged, by time, size and number of each file, and as seldom as that this takes a twentieth of the time at most. What is left out is
counted, for `doctor`: its text is known by the file's path alone.
"""

import hashlib
import os
import stat
import time

from sealed_text import TextIndex, row_for

LARGEST_FILE = 8 * 1024 * 1024
# Of 100 bytes each, beside 500 MB of the gateway itself in a container of 1.5 GB.
MOST_HASHES = 4_000_000
MOST_FILES = 100_000
# What others have written, or what cannot be told from what others have.
FOREIGN_FOLDERS = frozenset(".git .hg .svn node_modules .venv venv __pycache__ .tox .mypy_cache .gradle".split())
FOREIGN_FILES = frozenset(
    "package-lock.json yarn.lock pnpm-lock.yaml cargo.lock poetry.lock uv.lock go.sum composer.lock gemfile.lock".split()
)
FOREIGN_NAMES = ("license", "licence", "copying")
SMALLEST_DIGEST = 64
SHARE_OF_TIME = 20


def is_foreign(name):
    low = name.lower()
    return low in FOREIGN_FILES or low.startswith(FOREIGN_NAMES)


def text_of(data):
    """The text of a file; None where it is none."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    if b"\0" in data[:8192]:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        # As whoever knows better reads it, and as everybody else does.
        return "\n".join(data.decode(coding, "replace") for coding in ("cp1252", "utf-8"))


class SealedFiles:
    def __init__(self, places):
        self.places, self.text, self.digests = places, TextIndex(), set()
        self.seen, self.left_out, self.unreadable = {}, {}, set()
        self.next_look = 0

    def look(self, now=time.monotonic):
        """Takes in what is new; whether anything was."""
        began = now()
        if began < self.next_look:
            return False
        before = len(self.text), len(self.digests)
        self.unreadable.clear()
        present = {}
        for place in self.places:
            for path in self._files(place):
                self._take(path, present)
        self.seen = present
        self.next_look = now() + SHARE_OF_TIME * (now() - began)
        return before != (len(self.text), len(self.digests))

    def _files(self, place):
        for folder, folders, names in os.walk(place, onerror=lambda error: self.unreadable.add(error.filename)):
            folders[:] = sorted(name for name in folders if name not in FOREIGN_FOLDERS)
            yield from (os.path.join(folder, name) for name in sorted(names) if not is_foreign(name))

    def _take(self, path, present):
        try:
            found = os.lstat(path)
            state = found.st_mtime_ns, found.st_size, found.st_ino
            if not stat.S_ISREG(found.st_mode) or found.st_size == 0:
                return
            if self.seen.get(path) != state:
                self.left_out.pop(path, None)
                self._read(path, found.st_size, len(present))
            present[path] = state
        except FileNotFoundError:
            return
        except OSError:
            self.unreadable.add(path)

    def _read(self, path, size, files):
        if size > LARGEST_FILE:
            self.left_out[path] = "large"
        elif files >= MOST_FILES or len(self.text) >= MOST_HASHES:
            self.left_out[path] = "full"
        else:
            with open(path, "rb") as file:
                data = file.read()
            text = text_of(data)
            if text is not None:
                self.text.add(text, row_for(path))
            else:
                self.left_out[path] = "binary"
            if len(data) >= SMALLEST_DIGEST:
                self.digests.add(hashlib.sha256(data).digest())

    def counts(self):
        """What `doctor` tells."""
        left = list(self.left_out[path] for path in self.left_out if path in self.seen)
        return {
            "files": len(self.seen),
            "bytes": sum(size for _, size, _ in self.seen.values()),
            "hashes": len(self.text),
            **{kind: left.count(kind) for kind in ("large", "full", "binary")},
            "unreadable": len(self.unreadable),
            "examples": [path for path, kind in self.left_out.items() if kind != "binary" and path in self.seen][:3]
            + sorted(map(str, self.unreadable))[:3],
        }
