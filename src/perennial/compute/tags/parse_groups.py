"""How many groups of customers a document allows, and whether time alone moves people between them."""

from collections.abc import Mapping

from perennial.kernel.conditions.problems import Problems
from perennial.kernel.values import Json

KMEANS_KEYS = ("groups", "ages")
FEWEST, MOST = 2, 8
_HINT = f'Write "groups": 4, or {{"from": {FEWEST}, "to": {MOST}}} to have the number found.'


def read_groups(document: Json, problems: Problems) -> tuple[int, int, bool]:
    """The least and the greatest number of groups, and whether people age; mistakes go to `problems`."""
    if document is True:
        return FEWEST, MOST, False
    path = "$.rfm.kmeans"
    found = problems.mapping(document, path, what="`kmeans`")
    if found is None:
        return FEWEST, MOST, False
    problems.unknown_keys(found, KMEANS_KEYS, path)
    ages = found.get("ages", False)
    if not isinstance(ages, bool):
        problems.add(f"{path}.ages", "wrong_type", "`ages` is true or false.")
    least, most = _numbers(found.get("groups"), f"{path}.groups", problems)
    return least, most, ages is True


def check_alone(found: Mapping[str, Json], problems: Problems) -> None:
    """Groups are found: there is nothing to cut."""
    for key in ("quantiles", "cuts"):
        if key in found:
            message = f"With `kmeans` there are no `{key}`: groups are found by how people lie."
            problems.add(f"$.rfm.{key}", "several_forms", message, "Keep one of them.")


def _numbers(written: Json, path: str, problems: Problems) -> tuple[int, int]:
    if written is None:
        return FEWEST, MOST
    if isinstance(written, Mapping):
        problems.unknown_keys(written, ("from", "to"), path)
        least = _number(written.get("from", FEWEST), f"{path}.from", problems)
        most = _number(written.get("to", MOST), f"{path}.to", problems)
        if least > most:
            problems.add(path, "not_ascending", "`from` is at most `to`.", _HINT)
        return least, most
    exactly = _number(written, path, problems)
    return exactly, exactly


def _number(written: Json, path: str, problems: Problems) -> int:
    if isinstance(written, int) and not isinstance(written, bool) and FEWEST <= written <= MOST:
        return written
    message = f"There are {FEWEST} to {MOST} groups, not {written!r}."
    problems.add(path, "bad_number_of_groups", message, _HINT)
    return FEWEST
