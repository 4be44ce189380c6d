"""What becomes of a message at its reader's: followed, opened, unsubscribed from, by the front door."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import cast

import httpx
import pytest

from perennial.api import create_app
from perennial.cli.local_transport import LocalTransport
from perennial.collect.events import Reception
from perennial.kernel.clock import VirtualClock
from perennial.kernel.values import Json
from perennial.showcase.mailbox import Mailbox
from perennial.wiring import App, Workspace, open_app

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
BROWSER = {"user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1"}
JOURNEY = """
id: hello
entry: {on: {event: cart}, key: cart_id}
reentry: always
control: none
goal: {event: paid, for: 1d}
start: write
nodes:
  write: {send: {channel: email, template: hello, topic: marketing}, then: done}
  done: {exit: {outcome: written}}
"""
TEMPLATE = """
id: hello
channel: email
subject: Hello
utm: {source: crm}
mjml: |
  <mjml><mj-body><mj-section><mj-column>
  <mj-text>Hello {{ person.user_id | default: "you" }}</mj-text>
  <mj-button href="https://shop.example/sale?x=1">Look</mj-button>
  </mj-column></mj-section></mj-body></mjml>
"""
POLICY = """
holdout: none
caps: []
topics:
  marketing: {name: {en: Offers, zh-CN: 优惠活动}, description: {en: Once a week, zh-CN: 每周一次}}
  news: {name: {en: News, zh-CN: 新闻}}
"""


class Shop:
    """A workspace that is reached at an address, its mail server, and whoever follows a link."""

    def __init__(self, app: App, token: str, clock: VirtualClock, mailbox: Mailbox) -> None:
        transport = LocalTransport(create_app(app))
        self.operator = httpx.Client(
            transport=transport, base_url="http://perennial", headers={"authorization": f"Bearer {token}"}
        )
        self.reader = httpx.Client(transport=transport, base_url="https://crm.example", headers=BROWSER)
        self.workspace: Workspace = app.workspace()
        self.clock = clock
        self.mailbox = mailbox

    def post(self, path: str, text: str) -> None:
        answer = self.operator.post(path, content=text.encode())
        assert answer.status_code == 200, answer.text

    def meet(self, name: str, **traits: Json) -> None:
        agreed: dict[str, Json] = {"consent": "email/marketing", "state": "granted", "proof": "form"}
        told: dict[str, Json] = {"email": f"{name}@example.com", **traits}
        who: dict[str, Json] = {"anonymousId": name} if name.startswith("anon") else {"userId": name}
        self.hear(
            {"type": "identify", **who, "traits": told, "messageId": f"i-{name}"},
            {"type": "consent", **who, **agreed, "messageId": f"c-{name}"},
        )

    def hear(self, *calls: Mapping[str, Json]) -> None:
        reception = Reception(source="web", received_at=self.clock.now(), is_trusted=True)
        dated = [{"timestamp": self.clock.now().isoformat(), **call} for call in calls]
        assert self.workspace.submit_calls(dated, reception).result().accepted == len(calls)

    def cart(self, name: str, number: int = 1) -> None:
        who: dict[str, Json] = {"anonymousId": name} if name.startswith("anon") else {"userId": name}
        self.hear(
            {
                "type": "track",
                **who,
                "event": "cart",
                "messageId": f"t-{name}-{number}",
                "properties": {"cart_id": str(number)},
            }
        )
        self.workspace.turn()

    def count(self, event: str) -> int:
        self.workspace.turn()
        return self.workspace.count_events(event)

    def states(self, name: str) -> list[tuple[str, str]]:
        rows = self.operator.get("/api/messages", params={"user": name}).json()["messages"]
        return [(row["state"], row["reason"]) for row in rows]

    def consents(self, name: str) -> set[tuple[str, str]]:
        self.workspace.turn()
        found = self.operator.get(f"/api/people/{name}/consents").json()["consents"]
        # The newest first: of each topic that counts.
        return {*{one["topic"]: (one["topic"], one["state"]) for one in reversed(found)}.values()}


class Mail:
    """The newest mail, as its reader's program sees it."""

    def __init__(self, shop: Shop) -> None:
        message = shop.mailbox.mails[-1].message
        self.headers = {name: " ".join(str(value).split()) for name, value in message.items()}
        parts = {
            part.get_content_type(): str(cast("bytes", part.get_payload(decode=True)), "utf-8")
            for part in message.walk()
            if not part.is_multipart()
        }
        self.text, self.html = parts["text/plain"], parts["text/html"]
        self.way_out = self.headers["List-Unsubscribe"].strip("<>")
        hrefs = [unescape(one) for one in re.findall(r'href="([^"]+)"', self.html)]
        (self.link,) = [one for one in hrefs if "/l/" in one]
        (self.picture,) = [unescape(one) for one in re.findall(r'<img src="([^"]+)"', self.html)]


@pytest.fixture
def shop(tmp_path: Path, state_url: str) -> Iterator[Shop]:
    clock = VirtualClock(NOON)
    home = tmp_path / "home"
    home.mkdir()
    with Mailbox(clock) as mailbox:
        (home / "settings.toml").write_text(
            f'public_url = "https://crm.example"\n[smtp]\nurl = "{mailbox.url}?from=shop@example.com"\n'
        )
        with open_app(home, clock=clock, state=state_url) as app:
            shop = Shop(app, app.init().api_token or "", clock, mailbox)
            with shop.operator, shop.reader:
                shop.post("/api/policy", POLICY)
                shop.post("/api/templates", TEMPLATE)
                shop.post("/api/journeys", JOURNEY)
                yield shop


def test_a_mail_can_be_opened_followed_and_unsubscribed_from(shop: Shop) -> None:
    shop.meet("mei", locale="zh-CN")
    shop.cart("mei")
    mail = Mail(shop)
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail.way_out.startswith("https://crm.example/u/")
    assert mail.way_out in mail.text
    shop.clock.advance(MINUTE)
    followed = shop.reader.get(mail.link)
    assert (followed.status_code, followed.headers["location"]) == (
        302,
        "https://shop.example/sale?x=1&utm_source=crm",
    )
    assert shop.reader.get(mail.picture).headers["content-type"] == "image/gif"
    assert (shop.count("message_clicked"), shop.count("message_opened")) == (1, 1)
    assert shop.workspace.count_people({"did": "message_clicked"}) == 1

    # A scanner follows every link of a mail, the way out included: nothing may end by that.
    assert shop.reader.get(mail.way_out).status_code == 200
    assert shop.reader.head(mail.way_out).status_code == 200
    assert shop.consents("mei") == {("marketing", "granted")}
    ended = shop.reader.post(mail.way_out, data={"List-Unsubscribe": "One-Click"})
    assert ended.status_code == 200
    assert shop.consents("mei") == {("marketing", "withdrawn")}
    shop.cart("mei", 2)
    assert sorted(shop.states("mei")) == [("dropped", "no_consent"), ("sent", "")]


def test_looks_of_scanners_are_no_activity_of_the_person(shop: Shop) -> None:
    shop.meet("bert")
    shop.cart("bert")
    mail = Mail(shop)
    # Within seconds of being sent, by a browser's name: a gateway that tries links.
    assert shop.reader.get(mail.link).status_code == 302
    assert shop.reader.head(mail.link).status_code == 302
    shop.clock.advance(MINUTE)
    assert shop.reader.get(mail.picture, headers={"user-agent": "Mozilla/5.0"}).status_code == 200
    assert (shop.count("message_clicked"), shop.count("message_opened")) == (2, 1)
    people = shop.workspace.count_people
    by_person: Json = {"event": "message_clicked", "where": [{"property": "by", "is": "= person"}]}
    assert people({"did": by_person}) == 0


def test_the_page_shows_what_holds_and_keeps_what_is_chosen(shop: Shop) -> None:
    shop.meet("mei", locale="zh-CN")
    shop.cart("mei")
    way_out = Mail(shop).way_out
    page = shop.reader.get(way_out)
    assert "优惠活动" in page.text
    assert "m***@example.com" in page.text
    assert page.text.count(" checked") == 1
    assert "script" not in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    shop.clock.advance(MINUTE)
    kept = shop.reader.post(way_out, data={"do": "save", "topic": ["email/news", "email/elsewhere"]})
    assert "已保存" in kept.text
    assert shop.consents("mei") == {("marketing", "withdrawn"), ("news", "granted")}
    shop.clock.advance(MINUTE)
    assert shop.reader.post(way_out, data={"do": "none"}).status_code == 200
    assert shop.consents("mei") == {("marketing", "withdrawn"), ("news", "withdrawn")}


def test_whoever_is_known_by_a_device_only_unsubscribes_as_well(shop: Shop) -> None:
    shop.meet("anon-1")
    shop.cart("anon-1")
    way_out = Mail(shop).way_out
    assert "What would you like to hear of?" in shop.reader.get(way_out).text
    assert shop.reader.post(way_out, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    shop.cart("anon-1", 2)
    found = shop.operator.get("/api/messages").json()["messages"]
    assert sorted((one["state"], one["reason"]) for one in found) == [("dropped", "no_consent"), ("sent", "")]


ASKING = """
id: confirm
channel: email
subject: Please confirm
text: "Confirm {{ variables.topic }}: {{ variables.confirm_url }}"
"""


def test_a_consent_that_is_asked_for_by_mail_is_granted_by_the_button_only(shop: Shop) -> None:
    shop.post("/api/templates", ASKING)
    shop.meet("mei")
    shop.workspace.turn()
    wanted = {"consent": "email/news", "template": "confirm"}
    asked = shop.operator.post("/api/people/mei/ask-consent", json=wanted).json()
    again = shop.operator.post("/api/people/mei/ask-consent", json=wanted).json()
    assert (again["message_id"], again["repeated"]) == (asked["message_id"], True)
    shop.workspace.turn()
    (mail,) = shop.mailbox.mails
    link = re.findall(r"https://crm\.example/y/\S+", mail.message.get_content())[0]
    assert "List-Unsubscribe" not in mail.message
    page = shop.reader.get(link)
    assert "Would you like to hear of “News”?" in page.text
    assert shop.consents("mei") == {("marketing", "granted")}
    shop.clock.advance(MINUTE)
    assert "You will hear of “News”." in shop.reader.post(link).text
    assert shop.consents("mei") == {("marketing", "granted"), ("news", "granted")}
    history = shop.operator.get("/api/people/mei/consents").json()["consents"]
    assert history[0]["proof"] == "confirmed by the link of the mail that asked on 2026-03-02 12:00 UTC"
    shop.clock.advance(timedelta(days=31))
    assert shop.reader.post(link).status_code == 404


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"consent": "news", "template": "hello"}, "bad_consent"),
        ({"consent": "pigeon/news", "template": "hello"}, "bad_consent"),
        ({"consent": "email/news", "template": "none"}, "unknown_template"),
    ],
)
def test_a_consent_that_cannot_be_asked_for_is_told(wanted: dict[str, str], code: str, shop: Shop) -> None:
    shop.meet("mei")
    shop.workspace.turn()
    answer = shop.operator.post("/api/people/mei/ask-consent", json=wanted).json()
    assert code in (answer["code"], *(one["code"] for one in answer.get("problems", ())))


@pytest.mark.parametrize("kind", ["l", "u", "y"])
def test_a_link_that_is_not_ours_leads_nowhere_in_the_readers_language(kind: str, shop: Shop) -> None:
    answer = shop.reader.get(f"/{kind}/nonsense.token", headers={"accept-language": "zh-CN,zh;q=0.9"})
    assert answer.status_code == 404
    assert "此链接无效" in answer.text
    assert "location" not in answer.headers


def test_a_picture_that_is_not_ours_is_the_same_dot_and_leaves_nothing(shop: Shop) -> None:
    assert shop.reader.get("/o/nonsense.token").headers["content-type"] == "image/gif"
    assert shop.count("message_opened") == 0


def test_a_link_of_a_person_who_was_erased_leaves_nothing(shop: Shop) -> None:
    shop.meet("mei")
    shop.cart("mei")
    mail = Mail(shop)
    order = {"reason": "asked for it", "by": "support"}
    assert shop.operator.post("/api/people/mei/erase", json=order).status_code == 200
    shop.workspace.turn()
    shop.clock.advance(MINUTE)
    assert shop.reader.get(mail.link).status_code == 302
    assert shop.count("message_clicked") == 0
    assert shop.reader.get(mail.way_out).status_code == 404
