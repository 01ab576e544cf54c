"""The request log's past months: compressed, and the oldest taken away where only so many are to be kept.

Written by claude-routing-install. The month that is being written and the one before stay as they are: the sums of what was spent
are read from them. Months are counted by their files and not by the calendar, so a clock that was wrong for a while takes
no more than one of them.
"""

import asyncio
import gzip
import os
import re
import shutil
import stat
import struct
import sys
import threading
import zlib

MONTH = re.compile(r"(\d{4}-\d\d)\.jsonl(?:\.gz)?")
KEPT = int(os.environ.get("REQUEST_LOG_MONTHS") or 0)
PLAIN = 2


# So that the request which is the first to be logged waits neither for the thread to begin nor for it to let go.
SECONDS_LATER = 1


def tidy_beside(directory, month):
    """Tidies soon, while requests go on; `month` is the one that is being written. Trouble is told once, by its class alone."""

    def work():
        try:
            tidy(directory, month, KEPT)
        except Exception as error:
            print(f"request log: past months were left as they are: {type(error).__name__}", file=sys.stderr, flush=True)

    thread = threading.Thread(target=work, name="past-months", daemon=True)
    try:
        asyncio.get_running_loop().call_later(SECONDS_LATER, thread.start)
    except RuntimeError:
        thread.start()


def tidy(directory, month, kept):
    """`kept` is a number of months, the one being written among them; 0 keeps all."""
    names = sorted(name for name in os.listdir(directory) if MONTH.fullmatch(name))
    months = sorted({MONTH.fullmatch(name)[1] for name in names} | {month}, reverse=True)
    for name in names:
        path, age = os.path.join(directory, name), months.index(MONTH.fullmatch(name)[1])
        if not stat.S_ISREG(os.lstat(path).st_mode):
            continue
        if kept and age >= kept:
            os.unlink(path)
        elif age >= PLAIN and name.endswith(".jsonl"):
            compress(path)


def compress(path):
    """Whatever cuts it off, no line is lost, and none counts twice: a compressed file ends with the plain one, as a part of its own
    (a "member" of RFC 1952), whose size and check sum tell a reader that finds both what it has read already."""
    whole, draft = f"{path}.gz", f"{path}.gz.new"
    held = bytes_held(whole, path)
    if held < os.path.getsize(path):
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "wb") as made:
            if os.path.exists(whole):
                pack_earlier(whole, held, made)
            with open(path, "rb") as plain, gzip.open(made, "wb") as packed:
                shutil.copyfileobj(plain, packed)
            made.flush()
            os.fsync(made.fileno())
        os.replace(draft, whole)
    os.unlink(path)


def pack_earlier(whole, held, made):
    """What a compressed file says before its last `held` bytes."""
    with gzip.open(whole) as before, gzip.open(made, "wb") as packed:
        left = before.seek(0, os.SEEK_END) - held
        before.seek(0)
        while piece := before.read(min(left, 1 << 20)):
            packed.write(piece)
            left -= len(piece)


def bytes_held(whole, path):
    """With how many of a plain file's first bytes the compressed one ends."""
    if not os.path.exists(whole) or os.path.getsize(whole) < 8:
        return 0
    with open(whole, "rb") as packed, open(path, "rb") as plain:
        packed.seek(-8, os.SEEK_END)
        total, size = struct.unpack("<LL", packed.read())
        return size if size <= os.path.getsize(path) and zlib.crc32(plain.read(size)) == total else 0
