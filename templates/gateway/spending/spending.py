"""What has been spent, added up from the request log itself: no database, and nothing that a killed process could lose.

Written by claude-routing-install. The lines that were added since the last look are read, whoever wrote them; at the start those of
this month. A day and a month begin where the machine's own clock says so (SPENDING_TIME_ZONE). What was logged with a later time
than now, before a clock was put back, counts for today: it was spent.
"""

import io
import json
import os
import re
import struct
import time
from collections import OrderedDict
from datetime import datetime, timezone
from zoneinfo import ZoneInfo

import log_file
from log_file import DIRECTORY

MONTH_FILE = re.compile(r"\d{4}-\d\d\.jsonl")
# Most lines: nothing was paid, and nothing is open.
HELD = re.compile(rb'"held":"')
FREE = re.compile(rb'"cost":0(\.0)?[,}]')
SESSIONS = 1024
# Whoever wrote more, or less than nothing, did not mean dollars of this log.
MOST_DOLLARS = 1e6


class Sum:
    """Dollars, and the number of requests whose price is not known, or not known to the end."""

    def __init__(self, dollars=0, unpriced=0):
        self.dollars, self.unpriced = dollars, unpriced

    def __add__(self, other):
        return Sum(round(self.dollars + other.dollars, 8), self.unpriced + other.unpriced)


def dollars_of(value):
    """An amount in a line; None where it is none. One NaN in a sum, and no ceiling would ever be reached."""
    return value if type(value) in (int, float) and 0 <= value <= MOST_DOLLARS else None


def sum_of(line):
    """What a line of the log adds."""
    cut = line.get("from") is None and line.get("cause") in ("broken-off", "cancelled")
    cost = dollars_of(line.get("cost"))
    return Sum(cost or 0, int(cost is None or (cut and cost > 0)))


def seconds_of(at):
    return datetime.fromisoformat(at.replace("Z", "+00:00")).timestamp()


def zone_of(rule):
    """The time zone of a POSIX rule such as CET-1CEST,M3.5.0,M10.5.0/3. A container has no list of zones, and LiteLLM does not start
    with a rule in TZ; so this makes what such a list has, a file that ends with the rule (RFC 8536)."""
    counts, only_type, name = struct.pack(">6l", 0, 0, 0, 0, 1, 4), struct.pack(">lbb", 0, 0, 0), b"UTC\0"
    block = b"TZif2" + bytes(15) + counts + only_type + name
    return ZoneInfo.from_file(io.BytesIO(block + block + b"\n" + rule.encode("ascii") + b"\n"))


ZONE = zone_of(os.environ.get("SPENDING_TIME_ZONE") or "UTC0")


def day_of(seconds):
    """The day on which a moment lies where this machine is: 2026-11-30."""
    return datetime.fromtimestamp(seconds, ZONE).strftime("%Y-%m-%d")


def first_file(now):
    """The oldest file in which something of this month may stand; files are of UTC."""
    start = datetime.fromtimestamp(now, ZONE).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return f"{start.astimezone(timezone.utc):%Y-%m}.jsonl"


class Ledger:
    def __init__(self, directory):
        self.directory = directory
        self.read = {}
        self._forget()

    def _forget(self):
        for file, _ in self.read.values():
            file.close()
        # By file name: the file, held open so that no other one can be taken for it, and up to where it was read.
        self.read = {}
        self.days = {}
        self.sessions = OrderedDict()
        # What may have been spent at the most: by day where a price is not known, by id where the end is not known; ceiling.py.
        self.bounds = {}
        self.held = {}
        self.settled = set()

    def totals(self, now, session=None, more=Sum()):
        """Of a session, of today and of this month, as fields of a line that adds `more`. `now` is in seconds since 1970."""
        self.look(now)
        own = self.sessions.get(session, Sum()) + more
        today, month = self._since(day_of(now)) + more, self._since(day_of(now)[:7]) + more
        return {
            "sessionCost": own.dollars,
            "sessionUnpriced": own.unpriced,
            "dayCost": today.dollars,
            "dayUnpriced": today.unpriced,
            "monthCost": month.dollars,
        }

    def charged(self, now, under_way=()):
        """Dollars that count as spent today and this month: with the most that what is open may have cost, but for what is under way."""
        self.look(now)
        open_days = [bound for held, bound in self.held.items() if held not in under_way]
        bounds = [*self.bounds.items(), *open_days]
        return tuple(
            self._since(first).dollars + sum(most for day, most in bounds if day >= first) for first in (day_of(now), day_of(now)[:7])
        )

    def _since(self, day):
        return sum((spent for one, spent in self.days.items() if one >= day), Sum())

    def look(self, now):
        """Reads what was added."""
        if not self.directory:
            return
        try:
            names = sorted(name for name in os.listdir(self.directory) if MONTH_FILE.fullmatch(name) and name >= first_file(now))
        except OSError:
            return
        if any(self._is_another(name) for name in self.read):
            self._forget()
        for name in names:
            self._read_on(name)

    def _is_another(self, name):
        """Whether a file was taken away or shortened: then everything is read anew."""
        file, end = self.read[name]
        known = os.fstat(file.fileno())
        try:
            return known.st_size < end or not os.path.samestat(known, os.stat(os.path.join(self.directory, name)))
        except OSError:
            return True

    def _read_on(self, name):
        try:
            file, end = self.read[name] if name in self.read else (self._open(name), 0)
        except OSError:
            return
        file.seek(end)
        # The last line may still be under way.
        whole, newline, _ = file.read().rpartition(b"\n")
        self.read[name] = (file, end + len(whole) + len(newline))
        for line in whole.split(b"\n"):
            if line.startswith(b'{"v":1,') and (HELD.search(line) or not FREE.search(line)):
                self._add(line)

    def _open(self, name):
        return open(log_file.opened(os.path.join(self.directory, name), os.O_RDONLY), "rb", buffering=0)

    def _add(self, text):
        try:
            line = json.loads(text)
            spent, day = sum_of(line), day_of(seconds_of(line["at"]))
        except Exception:
            # Whatever else stands there: it must not keep everybody from an answer, nor the gateway from its start.
            return
        if isinstance(line.get("held"), str) and not self._settles(line, day):
            return
        self.days[day] = self.days.get(day, Sum()) + spent
        session = line.get("session")
        if isinstance(session, str):
            self.sessions[session] = self.sessions.get(session, Sum()) + spent
            self.sessions.move_to_end(session)
            if len(self.sessions) > SESSIONS:
                self.sessions.popitem(last=False)

    def _settles(self, line, day):
        """Whether a line ends what was begun; otherwise it is the one that began it. After a clock was put back the end is read first."""
        held = line["held"]
        if "most" in line:
            if held not in self.settled:
                before = self.held.get(held, (day, 0))[1]
                self.held[held] = (day, max(before, dollars_of(line["most"]) or 0))
            return False
        self.settled.add(held)
        _, most = self.held.pop(held, (day, 0))
        if dollars_of(line.get("cost")) is None:
            self.bounds[day] = self.bounds.get(day, 0) + most
        return True


ledger = Ledger(DIRECTORY)
ledger.look(time.time())
