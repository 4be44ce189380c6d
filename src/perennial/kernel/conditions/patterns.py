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
_ESCAPES = {
    "Z": r"\Z (write $)",
    "z": r"\z that reads alike everywhere (write $)",
    "u": r"\u",
    "U": r"\U",
    "N": r"\N",
}
_REPEAT = re.compile(r"\{([0-9]+)(?:,([0-9]*))?\}")
_OTHER_REPEAT = re.compile(r"\{(,[0-9]*|0[0-9]+(,[0-9]*)?|[0-9]+,0[0-9]+)\}")
_FLAGS = re.compile(r"\(\?([a-zA-Z]*)(?:-([a-zA-Z]*))?[:)]")
_SETS_LINES = re.compile(r"\(\?[is]*m")
# An escape, a class, a group's beginning or end, a repetition, or any letter.
_PIECE = re.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\((?:\?(?:P<[^>]*>|[a-zA-Z-]*:?))?|\)|\{[0-9]+(?:,[0-9]*)?\}|.",
    re.DOTALL,
)
_MOST_REPEATS = 1000
_MOST_LETTERS = 10_000


def why_not_re2(pattern: str) -> str | None:
    """What is wrong with a pattern, in a few words; None where RE2 takes it."""
    found = _foreign_construct(pattern)
    if found:
        return f"RE2 has no {found}"
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        return str(error)
    size, repeats = _extent(pattern)
    if repeats > _MOST_REPEATS:
        return f"RE2 repeats at most {_MOST_REPEATS} times, repetitions inside repetitions multiplied"
    if size > _MOST_LETTERS:
        return f"it stands for more than {_MOST_LETTERS} letters"
    return None


def python_form(pattern: str) -> str:
    """The pattern with RE2's `$`: Python's own also stands before a last line break."""
    if _SETS_LINES.search(pattern):
        return pattern
    return "".join(r"\Z" if piece == "$" else piece for piece in _PIECE.findall(pattern))


def _extent(pattern: str) -> tuple[int, int]:
    """How many letters a pattern stands for when written out, and how often it repeats one at most."""
    open_groups = [(0, 1)]
    last = (0, 1)
    for piece in _PIECE.findall(pattern):
        if piece[0] == "(":
            open_groups.append((0, 1))
            continue
        size, repeats = open_groups.pop()
        repeat = _REPEAT.fullmatch(piece)
        if piece == ")":
            last = (size, repeats)
            size, repeats = open_groups.pop()
        elif repeat:
            size -= last[0]
            times = max(1, *(int(bound) for bound in repeat.groups() if bound))
            last = (last[0] * times, last[1] * times)
        else:
            last = (1, 1)
        open_groups.append((size + last[0], max(repeats, last[1])))
    return open_groups[0]


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
    if not letter.isascii() or (in_class and letter == "b"):
        return f"\\{letter}" + (" inside [ ]" if in_class else "")
    return _ESCAPES.get(letter)


def _foreign_outside(pattern: str, position: int) -> str | None:
    for opening, name in _GROUPS.items():
        if pattern.startswith(opening, position):
            return f"{name} ({opening}…)"
    flags, repeat = _FLAGS.match(pattern, position), _OTHER_REPEAT.match(pattern, position)
    if flags and set(flags[1] + (flags[2] or "")) - set("ims"):
        return f"flags {flags[0]!r}; there are i, m and s"
    if repeat:
        return f"repetition {repeat[0]!r}; write for example '{{0,3}}'"
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
