"""The file of the request log: lines are added at its end and never changed, by whoever has it open.

Written by claude-routing-install.
"""

import errno
import json
import os
import stat
from datetime import datetime, timezone

import past_months

DIRECTORY = os.environ.get("REQUEST_LOG_DIR", "")


def time_of(seconds):
    """A moment as a line tells it."""
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def opened(path, flags):
    """A month's file. What else stands there under its name, such as a link, a pipe or a device, would never end, or take what is written."""
    file = os.open(path, flags | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
    if stat.S_ISREG(os.fstat(file).st_mode):
        return file
    os.close(file)
    raise OSError(errno.EINVAL, "no file")


class LogFile:
    def __init__(self):
        self.torn = False
        self.month = None

    def append(self, line):
        """Whether the line is in the file of its month. Nothing is written where the directory is missing; other trouble is raised."""
        if not DIRECTORY:
            return False
        month = line["at"][:7]
        path = os.path.join(DIRECTORY, f"{month}.jsonl")
        try:
            file = opened(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        except FileNotFoundError:
            return False
        try:
            text = ("\n" if self.torn else "") + json.dumps(line, separators=(",", ":")) + "\n"
            # A full disk may take half a line; the next one then begins on a line of its own.
            self.torn = True
            self.torn = os.write(file, text.encode()) != len(text)
        finally:
            os.close(file)
        if month != self.month:
            self.month = month
            past_months.tidy_beside(DIRECTORY, month)
        return not self.torn


log_file = LogFile()
