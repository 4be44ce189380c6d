"""From a document to rules about keys, or to the list of everything that is wrong with it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from perennial.collect.identity.key_rules import KeyKind, KeyRules
from perennial.collect.identity.model import ANONYMOUS, USER
from perennial.kernel.conditions.problems import Problems, check_size
from perennial.kernel.errors import nearest
from perennial.kernel.values import Json

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_KEY_FIELDS = ("key", "joins", "limit", "people", "from", "region")
_ROOTS = ("traits", "context", "externalIds")
_MOST = 20
MAX_LIMIT = 1000


def _known(name: str, *traits: str) -> KeyKind:
    """A kind with the places where the usual clients have it."""
    sensors = {"phone": "mobile"}.get(name, name)
    return KeyKind(
        name=name,
        paths=(
            *(("traits", trait) for trait in traits),
            *(("context", "traits", trait) for trait in traits),
            ("externalIds", name),
            ("context", "identities", f"$identity_{sensors}"),
        ),
    )


# One value may be a household's, so a second user id ends its joining; a machine may be a family's.
KNOWN: Mapping[str, KeyKind] = {
    "email": replace(_known("email", "email", "$email"), form="email", limit=5, people=1),
    "phone": replace(_known("phone", "phone", "mobile", "$phone"), form="phone", limit=5, people=1),
    "device": replace(
        _known("device"),
        people=5,
        paths=(
            ("context", "device", "id"),
            ("externalIds", "device"),
            *(("context", "identities", f"$identity_{one}") for one in ("idfv", "android_id", "idfa")),
        ),
    ),
    "openid": replace(_known("openid", "openid"), limit=10, people=1),
    "unionid": replace(_known("unionid", "unionid"), limit=1, people=1),
}
"""Kinds that are understood by their name alone; a document may say otherwise of each."""


def parse_keys(document: Json) -> KeyRules:
    """The rules a document describes. Raises InvalidDocument with every mistake."""
    check_size(document, "$")
    problems = Problems()
    rules = _rules(document, problems)
    if rules is None or problems.found:
        problems.raise_all()
    return rules


def _rules(document: Json, problems: Problems) -> KeyRules | None:
    found = problems.mapping(document, "$", what="Rules of identity")
    if found is None:
        return None
    problems.unknown_keys(found, ("keys", "anonymous", "blocked"), "$")
    listed = found.get("keys", [])
    if not isinstance(listed, Sequence) or isinstance(listed, str) or len(listed) > _MOST:
        problems.add("$.keys", "wrong_type", f"The keys are a list of at most {_MOST}, the strongest first.")
        return None
    kinds = [_kind(one, f"$.keys[{place}]", problems) for place, one in enumerate(listed)]
    names = [kind.name for kind in kinds if kind is not None]
    for place, name in enumerate(names):
        if name in names[:place]:
            problems.add(f"$.keys[{place}].key", "duplicate_key", f"{name!r} is declared above.")
    return KeyRules(
        kinds=[kind for kind in kinds if kind is not None],
        device_people=_device_people(found.get("anonymous"), problems),
        blocked=frozenset(one.lower() for one in _texts(found.get("blocked"), "$.blocked", problems)),
        document=found,
    )


def _device_people(stated: Json, problems: Problems) -> int | None:
    if stated is None:
        return None
    found = problems.mapping(stated, "$.anonymous", what="What is said of anonymous ids")
    if found is None:
        return None
    problems.unknown_keys(found, ("people",), "$.anonymous")
    return _count(found.get("people"), "$.anonymous.people", None, problems)


def _kind(stated: Json, path: str, problems: Problems) -> KeyKind | None:
    found = problems.mapping({"key": stated} if isinstance(stated, str) else stated, path, what="A key")
    if found is None:
        return None
    problems.unknown_keys(found, _KEY_FIELDS, path)
    name = found.get("key")
    if not isinstance(name, str) or not _NAME.fullmatch(name) or name in (USER, ANONYMOUS):
        hint = f"Known here: {', '.join(KNOWN)}; another has small letters, digits and '_'."
        problems.add(f"{path}.key", "bad_key", f"{name!r} is no kind of key to declare.", hint)
        return None
    usual = KNOWN.get(name) or _known(name, name)
    joins = found.get("joins", usual.joins)
    if not isinstance(joins, bool):
        problems.add(f"{path}.joins", "wrong_type", "joins is true or false.")
        joins = False
    region = found.get("region", "")
    if not isinstance(region, str) or (region and not re.fullmatch("[A-Z]{2}", region)):
        problems.add(f"{path}.region", "bad_region", f"{region!r} is no country.", "Two letters, such as CN.")
        region = ""
    return replace(
        usual,
        joins=joins,
        region=region,
        limit=_count(found.get("limit", usual.limit), f"{path}.limit", usual.limit, problems),
        people=_count(found.get("people", usual.people), f"{path}.people", usual.people, problems),
        paths=_paths(found.get("from"), f"{path}.from", problems) or usual.paths,
    )


def _count(stated: Json, path: str, otherwise: int | None, problems: Problems) -> int | None:
    """A number of values or people; null is without a bound."""
    if stated is None or (
        isinstance(stated, int) and not isinstance(stated, bool) and 1 <= stated <= MAX_LIMIT
    ):
        return stated
    problems.add(path, "bad_limit", f"{stated!r} is no whole number from 1 to {MAX_LIMIT}.")
    return otherwise


def _paths(stated: Json, path: str, problems: Problems) -> Sequence[tuple[str, ...]]:
    paths: list[tuple[str, ...]] = []
    for place, text in enumerate(_texts(stated, path, problems)):
        parts = tuple(text.split("."))
        root = text.partition(".")[0]
        if len(parts) < 2 or root not in _ROOTS or "" in parts:
            hint = nearest(root, _ROOTS) + " Such as context.device.id."
            problems.add(f"{path}[{place}]", "bad_path", f"{text!r} is no place in a call.", hint)
        else:
            paths.append(parts)
    return paths


def _texts(stated: Json, path: str, problems: Problems) -> Sequence[str]:
    if stated is None:
        return ()
    if not isinstance(stated, Sequence) or isinstance(stated, str) or len(stated) > 1000:
        problems.add(path, "wrong_type", "This is a list of at most 1000 texts.")
        return ()
    texts = [one for one in stated if isinstance(one, str)]
    if len(texts) != len(stated):
        problems.add(path, "wrong_type", "This is a list of texts.")
    return texts
