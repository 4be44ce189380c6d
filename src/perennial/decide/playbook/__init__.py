"""The playbook: ready journeys, each with segments, templates in two languages, and examples that pass.

They are an operator's own documents, to be copied and changed; nothing of them is in force by itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from perennial.kernel.errors import NotFound, nearest

PLAYS = (
    "newcomer_onboarding",
    "first_purchase_push",
    "cart_winback",
    "activity_rescue",
    "dormant_wakeup",
    "post_purchase_repeat",
    "vip_care",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """One ready journey: its files' texts, as YAML."""

    play_id: str
    journey: str
    segments: Mapping[str, str]
    """By id: those it begins with. Create them first."""
    templates: Mapping[str, str]
    """By id."""


def play(name: str) -> Play:
    """A ready journey. Raises NotFound with the nearest."""
    if name not in PLAYS:
        raise NotFound(f"The playbook has no journey {name!r}.", hint=nearest(name, PLAYS))
    folder = files(__name__).joinpath("plays", name)
    texts = {
        entry.name.removesuffix(".yaml"): entry.read_text(encoding="utf-8") for entry in folder.iterdir()
    }
    return Play(
        play_id=name,
        journey=texts["journey"],
        segments=_named(texts, "segment_"),
        templates=_named(texts, "template_"),
    )


def _named(texts: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {
        name.removeprefix(prefix): text for name, text in sorted(texts.items()) if name.startswith(prefix)
    }


__all__ = ["PLAYS", "Play", "play"]
