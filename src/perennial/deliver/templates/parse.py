"""From a template's document to a template, or to everything that is wrong with it."""

import re
from collections.abc import Collection, Mapping, Sequence

from liquid import BoundTemplate
from liquid.exceptions import LiquidError

from perennial.decide.journeys.model import CHANNELS, Channel
from perennial.deliver.templates.mjml import mistakes_in
from perennial.deliver.templates.model import VARIABLES, Template, Wording
from perennial.deliver.templates.parse_webhook import WEBHOOK_KEYS, webhook_of
from perennial.deliver.templates.plain import plain_source
from perennial.deliver.templates.sandbox import MAX_SOURCE, compile_source
from perennial.kernel.conditions.problems import Problems, check_size
from perennial.kernel.errors import nearest
from perennial.kernel.ids import TemplateId
from perennial.kernel.values import Json

TEMPLATE_KEYS = (
    "id", "name", "channel", "from", "subject", "text", "html", "mjml", "locales", "tracking", "utm"
)  # fmt: skip
WORDING_KEYS = ("subject", "text", "html", "mjml")
UTM_KEYS = ("source", "medium", "campaign", "content", "term", "id")
MAX_LINE = 900
"""Characters of a subject or sender, well below the length at which mail servers refuse a header."""

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LOCALE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def parse_template(document: Json) -> Template:
    """The template a document defines. Raises InvalidDocument with every mistake."""
    check_size(document, "$")
    problems = Problems()
    found = problems.mapping(document, "$", what="A template")
    if found is None:
        problems.raise_all()
    is_webhook = found.get("channel") == "webhook"
    problems.unknown_keys(found, WEBHOOK_KEYS if is_webhook else TEMPLATE_KEYS, "$")
    template_id = _id(found, problems)
    name = _name(found, problems) or template_id
    template = (
        webhook_of(found, template_id, name, _source(found, "body", "$", problems) or "", problems)
        if is_webhook
        else _message(found, template_id, name, problems)
    )
    if problems.found:
        problems.raise_all()
    return template


def _message(found: Mapping[str, Json], template_id: str, name: str, problems: Problems) -> Template:
    return Template(
        template_id=TemplateId(template_id),
        name=name,
        channel=_channel(found, problems),
        sender=_sender(found, problems),
        wording=_wording(found, "$", problems),
        locales=_locales(found, problems),
        is_tracked=_is_tracked(found, problems),
        utm=_utm(found, problems),
        document=found,
    )


def _id(document: Mapping[str, Json], problems: Problems) -> str:
    found = document.get("id")
    if isinstance(found, str) and _ID.fullmatch(found):
        return found
    message = f"{found!r} is no id." if "id" in document else "The id is missing."
    hint = "An id is 1 to 64 letters, digits, '_' or '-', such as \"welcome\"."
    problems.add("$.id", "bad_id" if "id" in document else "missing_key", message, hint)
    return "?"


def _name(document: Mapping[str, Json], problems: Problems) -> str | None:
    return problems.name(document["name"], "$.name", what="The name") if "name" in document else None


def _channel(document: Mapping[str, Json], problems: Problems) -> Channel:
    if "channel" not in document:
        problems.add("$.channel", "missing_key", "The channel is missing.", f"Add channel: {CHANNELS[0]}.")
    for channel in CHANNELS:
        if document.get("channel", CHANNELS[0]) == channel:
            return channel
    found = document["channel"]
    problems.add("$.channel", "unknown_channel", f"{found!r} is no channel.", nearest(str(found), CHANNELS))
    return CHANNELS[0]


def _sender(document: Mapping[str, Json], problems: Problems) -> str | None:
    if "from" not in document:
        return None
    found = problems.name(document["from"], "$.from", what="The sender")
    if found is not None and (_CONTROL.search(found) or "@" not in found):
        problems.add(
            "$.from", "bad_sender", f"{found!r} is no sender.", 'Write "Shop <shop@example.com>" on one line.'
        )
    return found


def _is_tracked(document: Mapping[str, Json], problems: Problems) -> bool:
    found = document.get("tracking", True)
    if not isinstance(found, bool):
        problems.add("$.tracking", "wrong_type", f"{found!r} is neither true nor false.")
    return found is not False


def _utm(document: Mapping[str, Json], problems: Problems) -> Mapping[str, str]:
    if "utm" not in document:
        return {}
    found = problems.mapping(document["utm"], "$.utm", what="What links say of the campaign")
    problems.unknown_keys(found or {}, UTM_KEYS, "$.utm")
    told: dict[str, str] = {}
    for key, value in (found or {}).items():
        if isinstance(value, str) and value and not _CONTROL.search(value):
            told[key] = value
        else:
            problems.add(f"$.utm.{key}", "wrong_type", f"{value!r} is no text.", 'Write "spring_sale".')
    return told


def _locales(document: Mapping[str, Json], problems: Problems) -> Mapping[str, Wording]:
    if "locales" not in document:
        return {}
    found = problems.mapping(document["locales"], "$.locales", what="The locales")
    wordings: dict[str, Wording] = {}
    for locale, inner in (found or {}).items():
        path = f"$.locales.{locale}"
        if not _LOCALE.fullmatch(locale):
            problems.add(path, "bad_locale", f"{locale!r} is no language tag.", 'Write "zh-CN" or "de".')
        wording = problems.mapping(inner, path, what="A locale's wording")
        if wording is not None:
            problems.unknown_keys(wording, WORDING_KEYS, path)
            wordings[locale] = _wording(wording, path, problems)
    return wordings


def _wording(document: Mapping[str, Json], path: str, problems: Problems) -> Wording:
    subject = _source(document, "subject", path, problems) or ""
    if _CONTROL.search(subject.strip()) or len(subject) > MAX_LINE:
        problems.add(
            f"{path}.subject", "bad_subject", f"A subject is one line of at most {MAX_LINE} characters."
        )
    if "html" in document and "mjml" in document:
        problems.add(f"{path}.html", "conflicting_keys", "There is HTML and MJML.", "Write one of them.")
    html = _source(document, "html", path, problems) if "html" in document else None
    mjml = _mjml(document, path, problems) if "mjml" in document else None
    markup = mjml or html
    if "text" not in document and markup:
        text = plain_source(markup, is_mjml=mjml is not None)
    else:
        text = _source(document, "text", path, problems) or ""
    return Wording(subject=subject, text=text, html=html, mjml=mjml)


def _mjml(document: Mapping[str, Json], path: str, problems: Problems) -> str | None:
    found = _source(document, "mjml", path, problems)
    for line, column, what, hint in mistakes_in(found or ""):
        if found:
            problems.add(f"{path}.mjml", "mjml_syntax", f"Line {line}, column {column}: {what}", hint)
    return found


def _source(document: Mapping[str, Json], key: str, path: str, problems: Problems) -> str | None:
    here = f"{path}.{key}"
    found = document.get(key)
    if key not in document:
        hint = "Or write html or mjml: the plain text is then made of it." if key == "text" else ""
        problems.add(here, "missing_key", f"The {key} is missing.", hint)
        return None
    if not isinstance(found, str) or not found.strip():
        problems.add(here, "wrong_type", f"The {key} is a text, and not an empty one.")
        return None
    if len(found) > MAX_SOURCE:
        problems.add(here, "too_large", f"The {key} has more than {MAX_SOURCE:,} characters.")
        return None
    try:
        template = compile_source(found, is_html=key in ("html", "mjml"))
    except LiquidError as error:
        problems.add(
            here, "liquid_syntax", f"{_place(error)}: {error.message}.", _syntax_hint(str(error.message))
        )
        return None
    _check_variables(template, found, here, problems)
    return found


def _place(error: LiquidError) -> str:
    # Liquid cannot place what is missing at the very end of a text.
    try:
        context = error.context()
    except ValueError:
        context = None
    return "At its end" if context is None else f"Line {context[0]}, column {context[1] + 1}"


def _syntax_hint(message: str) -> str:
    return (
        "Other files are not read; write the text here."
        if "'include'" in message or "'render'" in message
        else ""
    )


def _check_variables(template: BoundTemplate, source: str, here: str, problems: Problems) -> None:
    """Refuse names that no message will ever have; whether a trait is there only rendering shows."""
    for variables in template.analyze(include_partials=False).globals.values():
        for variable in variables:
            wrong, known = _unknown_name(variable.segments)
            if wrong:
                before = source[: variable.span.index]
                line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
                message = f"Line {line}, column {column}: there is no {variable}."
                problems.add(here, "unknown_variable", message, nearest(wrong, known))


def _unknown_name(segments: Sequence[object]) -> tuple[str, Collection[str]]:
    """The first part of a variable that means nothing, and what would; empty where all is well."""
    root, *rest = [str(segment) for segment in segments[:2]]
    if root not in VARIABLES:
        return root, VARIABLES
    known = VARIABLES[root]
    return (rest[0], known) if rest and known and rest[0] not in known else ("", known)
