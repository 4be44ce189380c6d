"""What a tag's document says of how it is looked after."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Literal

from perennial.compute.tags.model import LAYERS, Layer, RfmTag, TagRecipe, Upkeep
from perennial.kernel.conditions.problems import Problems
from perennial.kernel.conditions.spans import read_span
from perennial.kernel.errors import nearest
from perennial.kernel.values import Json

UPKEEP_KEYS = ("layer", "owner", "description", "refresh", "expires")
MAX_TEXT = 2_000
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
    )


def _layer(written: Json, recipe: TagRecipe | None, problems: Problems) -> Layer:
    """As written; else an RFM group is a result, and everything else behaviour."""
    usual: Layer = "result" if isinstance(recipe, RfmTag) else "behaviour"
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
