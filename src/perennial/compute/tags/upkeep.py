"""What a tag's document says of how it is looked after."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Literal

from perennial.compute.tags.model import LAYERS, ClusterTag, Layer, RfmTag, TagRecipe, Upkeep, ValuesTag
from perennial.kernel.conditions.problems import Problems
from perennial.kernel.conditions.spans import read_span
from perennial.kernel.errors import nearest
from perennial.kernel.values import Json

UPKEEP_KEYS = ("layer", "owner", "description", "refresh", "expires", "weight", "exclusive")
MAX_TEXT = 2_000
MAX_WEIGHT = 1_000
LEAST_REFRESH = timedelta(minutes=1)


def read_upkeep(found: Mapping[str, Json], recipe: TagRecipe | None, problems: Problems) -> Upkeep:
    """Who looks after a tag, and how; mistakes go to `problems`."""
    return Upkeep(
        layer=_layer(found.get("layer"), recipe, problems),
        owner=_text(found, "owner", problems),
        description=_text(found, "description", problems),
        refresh=_refresh(found.get("refresh"), problems),
        expires=None
        if found.get("expires") is None
        else read_span(found["expires"], "$.expires", problems, what="`expires`"),
        weight=_weight(found.get("weight", 0), problems),
        is_exclusive=_is_exclusive(found.get("exclusive", False), recipe, problems),
    )


def _weight(written: Json, problems: Problems) -> int:
    if isinstance(written, int) and not isinstance(written, bool) and 0 <= written <= MAX_WEIGHT:
        return written
    problems.add("$.weight", "bad_weight", f"`weight` is a whole number from 0 to {MAX_WEIGHT}.")
    return 0


def _is_exclusive(written: Json, recipe: TagRecipe | None, problems: Problems) -> bool:
    if not isinstance(written, bool):
        problems.add("$.exclusive", "wrong_type", "`exclusive` is true or false.")
        return False
    if written and recipe is not None and not isinstance(recipe, ValuesTag):
        message = "Only a tag of named values excludes others: everybody has a number."
        problems.add("$.exclusive", "nothing_to_exclude", message, "Give 'values'.")
    if written and isinstance(recipe, ValuesTag) and recipe.otherwise is not None:
        message = "With `else` everybody has a value, and nobody one of the others."
        problems.add("$.else", "excludes_everything", message, "Leave `else` out.")
    return written


def _layer(written: Json, recipe: TagRecipe | None, problems: Problems) -> Layer:
    """As written; else an RFM group is a result, and everything else behaviour."""
    usual: Layer = "result" if isinstance(recipe, RfmTag | ClusterTag) else "behaviour"
    if written is None:
        return usual
    for layer in LAYERS:
        if written == layer:
            return layer
    if written == "predicted":
        hint = "It is planned; leave it out for now."
        problems.add("$.layer", "not_built_yet", "Predicted tags are not built yet.", hint)
    else:
        hint = nearest(str(written), LAYERS) or f"One of {', '.join(LAYERS)}."
        problems.add("$.layer", "unknown_layer", f"{written!r} is no layer of tags.", hint)
    return usual


def _text(found: Mapping[str, Json], key: str, problems: Problems) -> str:
    written = found.get(key, "")
    if isinstance(written, str) and len(written) <= MAX_TEXT:
        return written
    problems.add(f"$.{key}", "bad_text", f"`{key}` is a text of at most {MAX_TEXT} characters.")
    return ""


def _refresh(written: Json, problems: Problems) -> timedelta | Literal["manual"] | None:
    if written is None:
        return None
    if written == "manual":
        return "manual"
    span = read_span(written, "$.refresh", problems, what="`refresh`")
    if span is not None and span < LEAST_REFRESH:
        problems.add("$.refresh", "too_often", "A tag is computed once a minute at most.", 'Write "1m".')
    return span
