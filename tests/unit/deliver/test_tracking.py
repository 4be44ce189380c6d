"""Links nobody else can make, messages dressed for the way, and who it was that looked."""

from datetime import UTC, datetime, timedelta
from html import unescape

import pytest

from perennial.deliver.templates import Rendered
from perennial.deliver.tracking import (
    Choice,
    Clicked,
    LinkKeys,
    Links,
    Look,
    Opened,
    ReachedAt,
    Tampered,
    dressed,
    seen_by,
)
from perennial.deliver.tracking.dressing import with_utm
from perennial.kernel.ids import MessageId, ProfileId

MESSAGE = MessageId("enr_1:hello:1:email")
CLICKED = Clicked(message_id=MESSAGE, number=1, url="https://shop.example/?a=1&b=2")
CHOICE = Choice(message_id=MESSAGE, profile_id=ProfileId(7), channel="email", topic="marketing")
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
BROWSER = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1"


def links(workspace: str = "default", *secrets: str, short: str = "") -> Links:
    at = ReachedAt(address="https://crm.example", links_address=short)
    return Links(workspace, LinkKeys(secrets=secrets or ("s1",)), lambda: at)


def token_of(url: str) -> str:
    return url.rpartition("/")[2]


def test_what_is_signed_is_read_back() -> None:
    ours = links()
    assert ours.clicked(token_of(ours.click(CLICKED))) == CLICKED
    assert ours.opened(token_of(ours.opening(Opened(message_id=MESSAGE)))) == Opened(message_id=MESSAGE)
    assert ours.choice(token_of(ours.choices(CHOICE))) == CHOICE


def test_links_say_the_workspace_but_for_the_default_one_and_go_by_the_shorter_domain() -> None:
    assert links("shop").choices(CHOICE).startswith("https://crm.example/u/shop/")
    assert links(short="https://p.ex").click(CLICKED).startswith("https://p.ex/l/")
    assert links(short="https://p.ex").choices(CHOICE).startswith("https://crm.example/u/")


@pytest.mark.parametrize("place", [0, 5, -1])
def test_a_link_that_was_changed_leads_nowhere(place: int) -> None:
    token = token_of(links().click(CLICKED))
    letter = "A" if token[place] != "A" else "B"
    changed = token[:place] + letter + token[place + 1 :] if place >= 0 else token[:-1] + letter
    # The last letter holds fewer bits than it could: all that decode alike are the same token.
    if place < 0:
        changed = token[:-2]
    with pytest.raises(Tampered):
        links().clicked(changed)


def test_a_link_is_good_for_one_thing_in_one_workspace_under_a_known_key() -> None:
    token = token_of(links().click(CLICKED))
    for wrong in (links("other"), links("default", "s2")):
        with pytest.raises(Tampered):
            wrong.clicked(token)
    with pytest.raises(Tampered):
        links().choice(token)
    assert links("default", "s1", "s2").clicked(token) == CLICKED


@pytest.mark.parametrize("token", ["", ".", "a.b", "x" * 9_000, "é.é"])
def test_nonsense_is_no_link(token: str) -> None:
    with pytest.raises(Tampered):
        links().clicked(token)


def clothed(html: str | None, text: str = "Hello", **more: object) -> Rendered:
    told: dict[str, object] = {
        "way_out": links().choices(CHOICE),
        "is_tracked": True,
        "utm": {},
        "locale": None,
        **more,
    }
    rendered = Rendered(subject="Hi", text=text, html=html)
    return dressed(rendered, links(), message_id=MESSAGE, **told)  # type: ignore[arg-type]  # told above


def test_every_link_of_the_html_is_tracked_and_the_picture_stands_before_the_end() -> None:
    html = "<body><a href=\"https://shop.example/?a=1&amp;b=2\">x</a> <a class=c href='http://b.example'>y</a></body>"
    found = clothed(html).html or ""
    urls = [
        unescape(part.split('"')[0].split("'")[0])
        for part in found.replace("href='", 'href="').split('href="')[1:]
    ]
    first, second, way_out = urls
    assert links().clicked(token_of(first)) == CLICKED
    assert links().clicked(token_of(second)) == Clicked(message_id=MESSAGE, number=2, url="http://b.example")
    assert links().choice(token_of(way_out)) == CHOICE
    assert found.endswith('width="1" height="1" alt=""></body>')


@pytest.mark.parametrize(
    "anchor",
    [
        '<a href="mailto:a@b.example">m</a>',
        '<a href="https://a.example" data-untracked>d</a>',
        '<a name="x">n</a>',
    ],
)
def test_other_anchors_stay_as_they_are(anchor: str) -> None:
    assert anchor in (clothed(anchor).html or "")


def test_a_template_that_shows_the_way_out_gets_no_second_one_and_it_is_not_tracked() -> None:
    way_out = links().choices(CHOICE)
    found = clothed(f'<a href="{way_out}">bye</a>', text=f"Bye: {way_out}")
    assert (found.html or "").count("/u/") == 1
    assert found.text == f"Bye: {way_out}"


def test_the_way_out_is_added_in_the_readers_language_to_text_and_html() -> None:
    found = clothed("<p>x</p>", locale="zh-CN")
    assert "退订或选择想收到的内容" in (found.html or "")
    assert found.text.splitlines()[-1] == f"退订或选择想收到的内容: {links().choices(CHOICE)}"


def test_what_needs_no_consent_has_no_way_out_and_what_is_not_tracked_keeps_its_links() -> None:
    found = clothed('<a href="https://a.example">x</a>', way_out="", is_tracked=False)
    assert (found.html, found.text) == ('<a href="https://a.example">x</a>', "Hello")


def test_utm_is_added_once_and_what_a_link_says_itself_stays() -> None:
    told = {"source": "crm", "campaign": "spring sale"}
    assert with_utm("https://a.example/x?utm_source=own#top", told) == (
        "https://a.example/x?utm_source=own&utm_campaign=spring+sale#top"
    )
    assert with_utm("https://a.example", {}) == "https://a.example"


@pytest.mark.parametrize(
    ("by", "method", "headers", "after"),
    [
        ("person", "GET", {"user-agent": BROWSER}, 60),
        ("person", "GET", {"user-agent": "Mozilla/5.0 (via ggpht.com GoogleImageProxy)"}, 60),
        ("scanner", "GET", {"user-agent": BROWSER}, 2),
        ("scanner", "HEAD", {"user-agent": BROWSER}, 60),
        ("scanner", "GET", {}, 60),
        ("scanner", "GET", {"user-agent": "python-requests/2.32"}, 60),
        ("scanner", "GET", {"user-agent": "Mozilla/5.0 (compatible; Barracuda Sentinel)"}, 60),
        ("prefetch", "GET", {"user-agent": "Mozilla/5.0"}, 60),
        ("prefetch", "GET", {"user-agent": BROWSER, "sec-purpose": "prefetch;prerender"}, 60),
    ],
)
def test_who_looked(by: str, method: str, headers: dict[str, str], after: int) -> None:
    look = Look(method=method, headers=headers, at=NOON + timedelta(seconds=after))
    assert seen_by(look, sent_at=NOON) == by
