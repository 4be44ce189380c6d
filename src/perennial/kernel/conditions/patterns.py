"""Regular expressions that RE2 understands: what Python accepts and RE2 does not is refused by name."""

import re

# What backtracking engines have and RE2 has not, as it begins in the text of a pattern.
_GROUPS = {
    "(?=": "look-ahead",
    "(?!": "look-ahead",
    "(?<=": "look-behind",
    "(?<!": "look-behind",
    "(?P=": "a back reference",
    "(?(": "a conditional group",
    "(?>": "an atomic group",
    "(?#": "a comment",
}
_ESCAPES = {"Z": r"\Z (write \z or $)", "u": r"\u", "U": r"\U", "N": r"\N"}
_REPEAT = re.compile(r"\{([0-9]+)(?:,([0-9]*))?\}")
_MOST_REPEATS = 1000


def why_not_re2(pattern: str) -> str | None:
    """What is wrong with a pattern, in a few words; None where RE2 takes it."""
    found = _foreign_construct(pattern)
    if found:
        return f"RE2 has no {found}"
    for repeat in _REPEAT.finditer(pattern):
        if any(int(bound) > _MOST_REPEATS for bound in repeat.groups() if bound):
            return f"RE2 repeats at most {_MOST_REPEATS} times"
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        return str(error)
    return None


def _foreign_construct(pattern: str) -> str | None:
    position, in_class = 0, False
    while position < len(pattern):
        letter = pattern[position]
        found = None
        if letter == "\\":
            found = _foreign_escape(pattern[position + 1 : position + 2], in_class=in_class)
            position += 1
        elif in_class:
            # Python warns of these as future set operations; RE2 reads `[:alpha:]`: neither may be guessed.
            if letter == "[" or pattern[position : position + 2] in ("--", "&&", "~~", "||"):
                found = f"unescaped {letter!r} inside [ ] that reads alike everywhere"
            in_class = letter != "]" or _opens_class(pattern, position)
        else:
            found = _foreign_outside(pattern, position)
            in_class = letter == "["
        if found:
            return found
        position += 1
    return None


def _opens_class(pattern: str, position: int) -> bool:
    """Whether a `]` is the first letter of its class, where it means itself."""
    return pattern[:position].endswith(("[", "[^")) and not pattern[:position].endswith(("\\[", "\\[^"))


def _foreign_escape(letter: str, *, in_class: bool) -> str | None:
    if letter.isdigit() and letter != "0" and not in_class:
        return f"back reference (\\{letter})"
    return _ESCAPES.get(letter)


def _foreign_outside(pattern: str, position: int) -> str | None:
    for opening, name in _GROUPS.items():
        if pattern.startswith(opening, position):
            return f"{name} ({opening}…)"
    if (
        position
        and pattern[position] == "+"
        and pattern[position - 1] in "*+?}"
        and not _escaped(pattern, position - 1)
    ):
        return f"possessive repetition ({pattern[position - 1]}+)"
    return None


def _escaped(pattern: str, position: int) -> bool:
    before = pattern[:position]
    return (len(before) - len(before.rstrip("\\"))) % 2 == 1
