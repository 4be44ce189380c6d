"""The demo's own segments, tags, template and journey; they are ordinary documents of an operator."""

from importlib.resources import files


def document(name: str) -> str:
    """The text of one of the demo's documents."""
    return (files("perennial.showcase") / "files" / f"{name}.yaml").read_text(encoding="utf-8")
