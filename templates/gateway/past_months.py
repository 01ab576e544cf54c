"""The request log's past months: compressed, and the oldest taken away where only so many are to be kept.

Written by claude-routing-install. The month that is being written and the one before stay as they are: the sums of what was spent
are read from them. Months are counted by their files and not by the calendar, so a clock that was wrong for a while takes
no more than one of them.
"""

import gzip
import os
import re
import shutil
import sys
import threading

MONTH = re.compile(r"(\d{4}-\d\d)\.jsonl(?:\.gz)?")
KEPT = int(os.environ.get("REQUEST_LOG_MONTHS") or 0)
PLAIN = 2


def tidy_beside(directory, month):
    """Tidies while requests go on; `month` is the one that is being written. Trouble is told once, by its class alone."""

    def work():
        try:
            tidy(directory, month, KEPT)
        except Exception as error:
            print(f"request log: past months were left as they are: {type(error).__name__}", file=sys.stderr, flush=True)

    threading.Thread(target=work, name="past-months", daemon=True).start()


def tidy(directory, month, kept):
    """`kept` is a number of months, the one being written among them; 0 keeps all."""
    names = sorted(name for name in os.listdir(directory) if MONTH.fullmatch(name))
    months = sorted({MONTH.fullmatch(name)[1] for name in names} | {month}, reverse=True)
    for name in names:
        path, age = os.path.join(directory, name), months.index(MONTH.fullmatch(name)[1])
        if os.path.islink(path):
            continue
        if kept and age >= kept:
            os.unlink(path)
        elif age >= PLAIN and name.endswith(".jsonl"):
            compress(path)


def compress(path):
    """Whatever cuts it off: each line is in one of the two files, and the next time finds out in which."""
    whole, draft = f"{path}.gz", f"{path}.gz.new"
    if not ends_with(whole, path):
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "wb") as made:
            if os.path.exists(whole):
                with open(whole, "rb") as before:
                    shutil.copyfileobj(before, made)
            with open(path, "rb") as plain, gzip.open(made, "wb") as packed:
                shutil.copyfileobj(plain, packed)
            made.flush()
            os.fsync(made.fileno())
        os.replace(draft, whole)
    os.unlink(path)


def ends_with(whole, path):
    """Whether a compressed file holds the lines of the other one as its last."""
    if not os.path.exists(whole):
        return False
    with gzip.open(whole) as packed:
        before = sum(map(len, pieces(packed))) - os.path.getsize(path)
    if before < 0:
        return False
    with gzip.open(whole) as packed, open(path, "rb") as plain:
        packed.seek(before)
        return all(packed.read(len(piece)) == piece for piece in pieces(plain))


def pieces(file):
    return iter(lambda: file.read(1 << 20), b"")
