"""The how-to's e-mail as readers see it: both languages, on a phone and on a desk."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from perennial.deliver.templates import Rendered, Template, parse_template, render
from perennial.deliver.tracking import Choice, LinkKeys, Links, ReachedAt, dressed
from perennial.kernel.documents import read_document
from perennial.kernel.ids import MessageId, ProfileId

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "write-an-email.md"
CHOICE = Choice(message_id=MessageId("msg_1"), profile_id=ProfileId(1), channel="email", topic="marketing")


@pytest.fixture(scope="module")
def template() -> Template:
    (document,) = re.findall(r"```yaml\n(id: welcome.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return parse_template(read_document(document, name="template").value)


def mail(template: Template, locale: str) -> Rendered:
    said = {"person": {"traits": {"name": "Mei & Söhne", "city": "杭州", "vip": True}}}
    rendered = render(template, said, locale=locale)
    assert isinstance(rendered, Rendered)
    links = Links("default", LinkKeys(secrets=("s",)), lambda: ReachedAt(address="https://crm.example"))
    return dressed(
        rendered,
        links,
        message_id=MessageId("msg_1"),
        way_out=links.choices(CHOICE),
        is_tracked=True,
        utm=template.utm,
        locale=locale,
    )


@pytest.mark.parametrize("width", [375, 900])
@pytest.mark.parametrize(
    ("locale", "button", "way_out"),
    [("en", "Look around", "Unsubscribe"), ("zh-CN", "去逛逛", "退订")],
)
def test_the_mail_fits_and_says_all_of_it(
    template: Template, locale: str, button: str, way_out: str, width: int, chromium: Browser, tmp_path: Path
) -> None:
    found = mail(template, locale)
    file = tmp_path / "mail.html"
    file.write_text(found.html or "", encoding="utf-8")
    page = chromium.new_page(viewport={"width": width, "height": 640})
    try:
        page.goto(file.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.get_by_text("Mei & Söhne").is_visible()
        link = page.get_by_role("link", name=button)
        assert link.is_visible()
        assert (link.get_attribute("href") or "").startswith("https://crm.example/l/")
        assert page.get_by_role("link", name=way_out).is_visible()
        assert way_out in found.text
        page.screenshot(path=tmp_path / "mail.png")
        assert (tmp_path / "mail.png").stat().st_size > 5_000
    finally:
        page.close()
