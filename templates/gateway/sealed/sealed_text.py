"""By what a text is known that stands in a file of a sealed folder, wherever it turns up.

Written by claude-routing-install. Kept are hashes, never the text: of so many words in a row, of short lines of prose, and of single
long words that have digits among their letters, as keys and numbers have. Words of one or two letters and short numbers count for
nothing, nor does what is neither: so the line numbers that a tool puts in front, quotes, escapes, other blanks and other line
breaks make no difference.

Programs consist of phrases that stand in every other program too; of them it takes more words to know one. Where a script has no
blanks between its words (Chinese, Japanese, Thai), so many letters in a row make a text known. Marks on letters count for nothing,
nor does how a letter is written: in one piece or with its mark behind it, wide, or with another letter.
"""

import functools
import os
import re
import unicodedata

# Of 10 MB of Python, so many of the 556 files of Python's own library had 6, 7, 8 and 10 words in a row: 61, 26, 7, 2.
IN_PROSE, IN_PROGRAMS = 6, 10
PROSE = frozenset("  .md .txt .text .csv .tsv .eml .tex .org .rst .adoc .log .ics .vcf .srt".split(" "))
WORD = re.compile(r"[^\W\d]\w\w+")
# Of scripts without blanks; a row of fewer letters is a phrase that stands everywhere.
UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\U00020000-\U000323af]")
IN_UNSPACED = 12
LONG_WORD = re.compile(r"\w{12,}|\d{9,}")
# A line of prose or of a table that has fewer words, and at least so many letters for it.
SHORT_LINES = {4: 24, 5: 28}
ESCAPE = re.compile(r"\\(?:u([0-9a-f]{4})|[nrt])")
# What a text needs to be worth a look.
SHORTEST_TEXT = 9


def row_for(name):
    """How many words in a row make a text known that stands in a file of this name."""
    return IN_PROSE if os.path.splitext(name)[1].lower() in PROSE else IN_PROGRAMS


def plain(text):
    """A text in small letters, and as it is where somebody made JSON of it once more."""
    text = text.lower()
    text = ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else " ", text) if "\\" in text else text
    return text if text.isascii() else unicodedata.normalize("NFKD", text).translate(marks()).casefold()


@functools.cache
def marks():
    """What is left out of a text: marks on letters, soft hyphens and the like. In the scripts of India they are vowels, and stay letters."""
    found = (code for code in range(0x80, 0x20000) if unicodedata.category(chr(code)) in ("Mn", "Mc", "Me", "Cf"))
    return {code: "x" if 0x900 <= code < 0x1100 else None for code in found}


def rows(words, count):
    """The hash of every `count` words in a row."""
    return map(hash, zip(*(words[begin:] for begin in range(count))))


def is_telling(word):
    """Whether a long word is like no word of a language and no name in a program."""
    digits = sum(letter.isdigit() for letter in word)
    return digits >= 9 if digits == len(word) else digits >= 3 and len(word) - digits >= 3


class TextIndex:
    """The texts that are known. It only grows: what stood in a file is known after it is gone from there."""

    def __init__(self):
        self.known = {count: set() for count in (*SHORT_LINES, IN_PROSE, IN_PROGRAMS, IN_UNSPACED)}
        self.long_words = set()

    def __len__(self):
        return len(self.long_words) + sum(map(len, self.known.values()))

    def add(self, text, row):
        text = plain(text)
        self.known[row].update(rows(WORD.findall(text), row))
        self.known[IN_UNSPACED].update(rows(UNSPACED.findall(text), IN_UNSPACED))
        for line in text.split("\n") if row == IN_PROSE else ():
            words = WORD.findall(line)
            if sum(map(len, words)) >= SHORT_LINES.get(len(words), len(line) + 1):
                self.known[len(words)].add(hash(tuple(words)))
        self.long_words.update(hash(word) for word in LONG_WORD.findall(text) if is_telling(word))

    def holds(self, text):
        """Whether something of what is known stands in a text."""
        if len(text) < SHORTEST_TEXT:
            return False
        text = plain(text)
        if self.long_words and not self.long_words.isdisjoint(map(hash, LONG_WORD.findall(text))):
            return True
        words, letters = WORD.findall(text), UNSPACED.findall(text)
        return any(
            known and not known.isdisjoint(rows(letters if row == IN_UNSPACED else words, row)) for row, known in self.known.items()
        )
