"""From a tag's document to a draft, or to the list of everything that is wrong with it."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from perennial.compute.definitions.rules import collect, read_head
from perennial.compute.profiles.ports import Quantity
from perennial.compute.tags.model import (
    PART_NAMES,
    ClusterTag,
    MeasureTag,
    PartName,
    RfmTag,
    ScorePart,
    TagDraft,
    TagRecipe,
    ValueCase,
    ValuesTag,
)
from perennial.compute.tags.parse_cases import CaseReader, check_stays
from perennial.compute.tags.parse_groups import check_alone, read_groups
from perennial.compute.tags.upkeep import UPKEEP_KEYS, read_upkeep
from perennial.kernel.conditions import (
    Vocabulary,
    parse_aggregate,
    parse_event_pattern,
    parse_window,
)
from perennial.kernel.conditions.problems import Problems, check_size
from perennial.kernel.errors import InvalidDocument
from perennial.kernel.ids import TagId
from perennial.kernel.values import Json

_FORMS: Mapping[str, tuple[str, ...]] = {
    "values": ("values", "else"),
    "measure": ("measure", "of", "where", "within"),
    "rfm": ("rfm",),
}
_HEAD_KEYS = ("id", "name", "dimension", *UPKEEP_KEYS)
_RFM_KEYS = (*PART_NAMES, "of", "where", "within", "quantiles", "cuts", "kmeans")
_PART_KEYS = ("measure", "of", "where", "within")
_DEFAULT_MEASURES: Mapping[PartName, str] = {"r": "last_ago", "f": "days", "m": "sum(amount)"}
_AGES = ("last_ago", "first_ago")
DEFAULT_QUANTILES = 5
MOST_QUANTILES = 100


def parse_tag(document: Json, *, known: Vocabulary | None = None) -> TagDraft:
    """The tag a document defines. Raises InvalidDocument with every mistake."""
    check_size(document, "$")
    reader = _Reader(known)
    found = reader.problems.mapping(document, "$", what="A tag")
    if found is None:
        reader.problems.raise_all()
    head = read_head(found, reader.problems)
    dimension = reader.text(found, "dimension", "") or head.id
    recipe = reader.recipe(found)
    upkeep = read_upkeep(found, recipe, reader.problems)
    if recipe is None or reader.problems.found:
        reader.problems.raise_all()
    return TagDraft(
        tag_id=TagId(head.id),
        name=head.name,
        dimension=dimension,
        recipe=recipe,
        upkeep=upkeep,
        document=found,
    )


class _Reader:
    """Reads one document and collects its mistakes."""

    def __init__(self, known: Vocabulary | None) -> None:
        self.known = known
        self.problems = Problems()

    def recipe(self, found: Mapping[str, Json]) -> TagRecipe | None:
        present = [form for form in _FORMS if form in found]
        if len(present) != 1:
            message = "A tag is computed in one way." if present else "How is the tag computed?"
            self.problems.add("$", "several_forms" if present else "missing_key", message, _form_hint())
            self.problems.unknown_keys(
                found, (*_HEAD_KEYS, *(key for keys in _FORMS.values() for key in keys)), "$"
            )
            return None
        [form] = present
        self.problems.unknown_keys(found, (*_HEAD_KEYS, *_FORMS[form]), "$")
        if form == "values":
            return self._values(found)
        if form == "measure":
            quantity = self._quantity(found, "$", {})
            return None if quantity is None else MeasureTag(quantity=quantity)
        return self._rfm(found["rfm"])

    def text(self, found: Mapping[str, Json], key: str, default: str) -> str | None:
        return self.problems.name(found[key], f"$.{key}", what=f"`{key}`") if key in found else default

    def _values(self, found: Mapping[str, Json]) -> TagRecipe | None:
        listed = self.problems.sequence(found["values"], "$.values", what="`values`")
        read = [self._case(each, f"$.values[{place}]") for place, each in enumerate(listed or ())]
        cases = tuple(case for case in read if case is not None)
        check_stays(cases, self.problems)
        for place, case in enumerate(cases):
            if case.value in {earlier.value for earlier in cases[:place]}:
                path = f"$.values[{place}].value"
                self.problems.add(path, "repeated_value", f"{case.value!r} stands here twice.", "Use `any`.")
        otherwise = None
        if "else" in found and found["else"] is not None:
            otherwise = self.problems.name(found["else"], "$.else", what="`else`")
        return ValuesTag(cases=cases, otherwise=otherwise)

    def _case(self, document: Json, path: str) -> ValueCase | None:
        found = self.problems.mapping(document, path, what="A value")
        if found is None:
            return None
        return CaseReader(self.problems, self.known).read(found, path)

    def _quantity(self, found: Mapping[str, Json], path: str, default: Mapping[str, Json]) -> Quantity | None:
        """A measure, what of, and within what; each from `found`, or else from `default`."""
        given = {key: found[key] for key in _PART_KEYS if key in found}
        asked = {**default, **given}
        if "of" not in asked:
            self.problems.add(path, "missing_key", "'of' is missing.", 'Name the event: "of": "order_paid".')
            return None
        pattern: Json = asked["of"]
        if "where" in asked and isinstance(pattern, str):
            pattern = {"event": pattern, "where": asked["where"]}
        try:
            return Quantity(
                aggregate=parse_aggregate(asked.get("measure"), path=f"{path}.measure"),
                pattern=parse_event_pattern(pattern, path=path if "where" in asked else f"{path}.of"),
                window=parse_window(asked["within"], path=f"{path}.within") if "within" in asked else None,
            )
        except InvalidDocument as error:
            collect(error, self.problems)
            return None

    def _rfm(self, document: Json) -> TagRecipe | None:
        found = self.problems.mapping(document, "$.rfm", what="`rfm`")
        if found is None:
            return None
        self.problems.unknown_keys(found, _RFM_KEYS, "$.rfm")
        quantiles = self._quantiles(found)
        cuts = self._cuts(found.get("cuts"))
        parts = [self._part(name, found, cuts.get(name)) for name in PART_NAMES]
        r, f, m = parts
        is_grouped = found.get("kmeans", False) is not False
        if is_grouped:
            check_alone(found, self.problems)
        least, most, ages = read_groups(found["kmeans"], self.problems) if is_grouped else (0, 0, False)
        if r is None or f is None or m is None:
            return None
        if is_grouped:
            return ClusterTag(parts=(r, f, m), least=least, most=most, ages=ages)
        return RfmTag(parts=(r, f, m), quantiles=quantiles)

    def _part(
        self, name: PartName, found: Mapping[str, Json], cuts: tuple[float, ...] | None
    ) -> ScorePart | None:
        path = f"$.rfm.{name}"
        written = found.get(name, _DEFAULT_MEASURES[name])
        part = (
            {"measure": written}
            if isinstance(written, str)
            else self.problems.mapping(written, path, what=path)
        )
        if part is None:
            return None
        self.problems.unknown_keys(part, _PART_KEYS, path)
        shared = {key: found[key] for key in ("of", "where", "within") if key in found}
        quantity = self._quantity(part, path, {"measure": _DEFAULT_MEASURES[name], **shared})
        if quantity is None:
            return None
        lower_is_better = quantity.aggregate.kind in _AGES
        return ScorePart(name=name, quantity=quantity, lower_is_better=lower_is_better, cuts=cuts)

    def _quantiles(self, found: Mapping[str, Json]) -> int:
        wanted = found.get("quantiles", DEFAULT_QUANTILES)
        if isinstance(wanted, int) and not isinstance(wanted, bool) and 2 <= wanted <= MOST_QUANTILES:
            return wanted
        message = f"`quantiles` is a whole number from 2 to {MOST_QUANTILES}, not {wanted!r}."
        self.problems.add("$.rfm.quantiles", "bad_quantiles", message, "Five is usual.")
        return DEFAULT_QUANTILES

    def _cuts(self, document: Json) -> Mapping[PartName, tuple[float, ...]]:
        if document is None:
            return {}
        found = self.problems.mapping(document, "$.rfm.cuts", what="`cuts`")
        if found is None:
            return {}
        self.problems.unknown_keys(found, PART_NAMES, "$.rfm.cuts")
        return {
            name: self._ascending(found[name], f"$.rfm.cuts.{name}") for name in PART_NAMES if name in found
        }

    def _ascending(self, document: Json, path: str) -> tuple[float, ...]:
        listed: Sequence[Json] = self.problems.sequence(document, path, what="The list of cuts") or ()
        read = [
            self.problems.number(each, f"{path}[{place}]", what="A cut") for place, each in enumerate(listed)
        ]
        cuts = tuple(cut for cut in read if cut is not None)
        if any(later <= earlier for earlier, later in pairwise(cuts)):
            self.problems.add(path, "not_ascending", "Cuts ascend, each above the one before.")
        return cuts


def _form_hint() -> str:
    return "Give exactly one of 'values', 'measure' and 'rfm'."
