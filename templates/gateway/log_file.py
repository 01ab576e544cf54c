"""The file of the request log: lines are added at its end and never changed, by whoever has it open.

Written by claude-routing-install.
"""

import json
import os
from datetime import datetime, timezone

import past_months

DIRECTORY = os.environ.get("REQUEST_LOG_DIR", "")


def time_of(seconds):
    """A moment as a line tells it."""
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


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
            file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
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
