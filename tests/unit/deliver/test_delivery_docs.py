from pathlib import Path

import pytest

from perennial.backends.smtp import parse_server
from perennial.decide.policies import REASONS as GATE_REASONS
from perennial.deliver.messages import REASONS, STATES
from perennial.deliver.templates import VARIABLES, parse_template
from perennial.deliver.templates.parse import TEMPLATE_KEYS
from perennial.kernel.documents import read_document

DOCS = Path(__file__).parents[3] / "docs"
HOW_TO = (DOCS / "how-to" / "send-e-mail.md").read_text(encoding="utf-8")
REFERENCE = (DOCS / "reference" / "templates.md").read_text(encoding="utf-8")


def block(text: str, language: str) -> str:
    return text.split(f"```{language}\n", 1)[1].split("```", 1)[0]


def test_the_template_of_the_how_to_can_be_saved() -> None:
    template = parse_template(read_document(block(HOW_TO, "yaml"), name="welcome.yaml").value)
    assert list(template.locales) == ["zh-CN"]


def test_the_server_of_the_how_to_can_be_parsed() -> None:
    url = block(HOW_TO, "toml").split('url = "', 1)[1].split('"', 1)[0]
    assert parse_server(url).sender == "Shop <shop@example.com>"


@pytest.mark.parametrize("word", [*STATES, *REASONS, *GATE_REASONS])
def test_every_state_and_reason_is_explained(word: str) -> None:
    assert f"`{word}`" in HOW_TO


def test_every_key_and_variable_is_in_the_reference() -> None:
    shown = [
        f"| `{root}.{name}` | {text} |" for root, names in VARIABLES.items() for name, text in names.items()
    ]
    assert [line for line in shown if line not in REFERENCE] == []
    assert [key for key in TEMPLATE_KEYS if f"| `{key}` |" not in REFERENCE] == []
