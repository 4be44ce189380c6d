"""Messages ordered by a call, templates tried, what comes back, and addresses that get nothing."""

import socket
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import httpx
import pytest

from perennial.api import create_app
from perennial.cli.local_transport import LocalTransport
from perennial.collect.events import Reception
from perennial.kernel.clock import VirtualClock
from perennial.kernel.values import Json
from perennial.showcase.mailbox import ACCEPTED, Mailbox
from perennial.wiring import App, Workspace, open_app

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
RECEIPT = """
id: receipt
channel: email
subject: Your order {{ variables.order }}
text: >-
  Thank you, {{ person.traits.name | default: 'friend' }}: {{ variables.total }} for {{ variables.order }}.
locales:
  zh-CN: {subject: "订单 {{ variables.order }}", text: "谢谢，{{ person.traits.name }}。"}
"""
DSN = """From: MAILER-DAEMON@mx.example
To: bounce+{message}@shop.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

It did not arrive.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; mei@example.com
Action: failed
Status: {status}
Diagnostic-Code: smtp; 550 {status} no
--b--
"""
COMPLAINT = """From: feedback@provider.example
To: fbl@shop.example
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b
Content-Type: text/plain

Spam.
--b
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: Provider/1
Version: 1
--b
Content-Type: message/rfc822

From: shop@example.com
Message-ID: <{message}@example.com>
Subject: x

x
--b--
"""
Row = Mapping[str, Json]


class Shop:
    """A workspace behind its API, its clock and its mail server."""

    def __init__(self, client: httpx.Client, app: App, clock: VirtualClock, mailbox: Mailbox) -> None:
        self.client = client
        self.workspace: Workspace = app.workspace()
        self.clock = clock
        self.mailbox = mailbox

    def meet(self, user_id: str, **traits: Json) -> None:
        call: dict[str, Json] = {"type": "identify", "userId": user_id, "messageId": f"i-{user_id}"}
        told = {"email": f"{user_id}@example.com", **traits}
        reception = Reception(source="web", received_at=self.clock.now(), is_trusted=True)
        self.workspace.submit_calls([{**call, "traits": told}], reception).result()
        self.workspace.turn()

    def order(self, key: str = "order-1", **more: Json) -> httpx.Response:
        body: dict[str, Json] = {
            "user_id": "mei",
            "template": "receipt",
            "key": key,
            "variables": {"order": "4711", "total": "12 €"},
            **more,
        }
        return self.client.post("/api/messages", json=body)

    def sent(self, key: str = "order-1", **more: Json) -> str:
        answer = self.order(key, **more)
        assert answer.status_code == 200, answer.text
        self.workspace.turn()
        return str(cast("Row", answer.json())["message_id"])

    def state(self, message_id: str) -> tuple[str, str]:
        rows = cast("list[Row]", self.client.get("/api/messages").json()["messages"])
        return next(
            (str(one["state"]), str(one["reason"])) for one in rows if one["message_id"] == message_id
        )

    def suppressed(self) -> dict[str, str]:
        rows = cast("list[Row]", self.client.get("/api/suppressions").json()["suppressions"])
        return {str(one["address"]): str(one["reason"]) for one in rows}


def opened(
    tmp_path: Path, state_url: str, mailbox: Mailbox, clock: VirtualClock, smtp: str = ""
) -> Iterator[Shop]:
    home = tmp_path / "home"
    home.mkdir()
    told = smtp or f'url = "{mailbox.url}?from=shop@example.com"'
    (home / "settings.toml").write_text(f"[smtp]\n{told}\n")
    with open_app(home, clock=clock, state=state_url) as app:
        token = {"authorization": f"Bearer {app.init().api_token}"}
        transport = LocalTransport(create_app(app))
        with httpx.Client(transport=transport, base_url="http://perennial", headers=token) as client:
            shop = Shop(client, app, clock, mailbox)
            assert client.post("/api/templates", content=RECEIPT.encode()).status_code == 200
            shop.meet("mei", name="梅")
            yield shop


@pytest.fixture
def shop(tmp_path: Path, state_url: str) -> Iterator[Shop]:
    clock = VirtualClock(NOON)
    with Mailbox(clock) as mailbox:
        yield from opened(tmp_path, state_url, mailbox, clock)


def test_an_ordered_message_arrives_once_however_often_it_is_asked_for(shop: Shop) -> None:
    message_id = shop.sent()
    again = shop.order()
    shop.workspace.turn()
    assert again.json() == {"message_id": message_id, "state": "sent", "reason": "", "repeated": True}
    assert len(shop.mailbox.mails) == 1
    mail = shop.mailbox.mails[0].message
    assert mail["Subject"] == "Your order 4711"
    assert mail.get_content().strip() == "Thank you, 梅: 12 € for 4711."
    assert mail["List-Unsubscribe"] is None


def test_a_key_that_is_used_for_another_message_is_refused(shop: Shop) -> None:
    shop.sent()
    refused = shop.order(variables={"order": "4712", "total": "1 €"})
    assert (refused.status_code, refused.json()["code"]) == (409, "idempotency_key_reused")
    assert len(shop.mailbox.mails) == 1


@pytest.mark.parametrize(
    ("more", "status", "path"),
    [
        ({"template": "nothing"}, 404, "$.template"),
        ({"user_id": "nobody"}, 404, None),
        ({"key": ""}, 422, "$.key"),
        ({"expires": "soon"}, 422, "$.expires"),
        ({"variables": {"long": "x" * 30_000}}, 422, "$.variables"),
    ],
)
def test_a_wish_that_cannot_be_met_is_told(
    more: dict[str, Json], status: int, path: str | None, shop: Shop
) -> None:
    answer = shop.client.post(
        "/api/messages", json={"user_id": "mei", "template": "receipt", "key": "k", "variables": {}, **more}
    )
    assert answer.status_code == status, answer.text
    assert path is None or answer.json()["path"] == path
    assert shop.mailbox.mails == ()


def test_marketing_by_a_call_needs_consent_like_any_other(shop: Shop) -> None:
    (shop.client.post("/api/policy", content=b"holdout: none"))
    message_id = shop.sent(topic="marketing")
    assert shop.state(message_id) == ("dropped", "no_consent")


def test_a_message_whose_data_is_missing_fails_and_is_tried_again_when_told(shop: Shop) -> None:
    message_id = shop.sent(variables={})
    assert shop.state(message_id) == ("failed", "missing_variable")
    text = RECEIPT.replace("{{ variables.order }}", "").replace("{{ variables.total }}", "")
    assert shop.client.post("/api/templates", content=text.encode()).status_code == 200
    # The message keeps the version it was ordered with; another one may be ordered.
    found = shop.client.post("/api/messages/retry", json={"messages": [message_id, "msg_nothing"]})
    assert found.json() == {"retried": 1, "others": 1}
    shop.workspace.turn()
    assert shop.state(message_id) == ("failed", "missing_variable")
    assert shop.state(shop.sent("order-2", variables={})) == ("sent", "")


def test_a_preview_says_what_a_person_would_read_and_sends_nothing(shop: Shop) -> None:
    wanted: dict[str, Json] = {"user_id": "mei", "variables": {"order": "1", "total": "2"}}
    found = shop.client.post("/api/templates/receipt/preview", json=wanted).json()
    assert (found["ok"], found["subject"], found["text"]) == (True, "Your order 1", "Thank you, 梅: 2 for 1.")
    chinese = shop.client.post("/api/templates/receipt/preview", json={**wanted, "locale": "zh"}).json()
    assert chinese["subject"] == "订单 1"
    lacking = shop.client.post("/api/templates/receipt/preview", json={"user_id": "mei"}).json()
    assert (lacking["ok"], lacking["reason"]) == (False, "missing_variable")
    assert shop.mailbox.mails == ()


def test_a_template_is_tried_on_addresses_of_ones_own(shop: Shop) -> None:
    wanted: dict[str, Json] = {"user_id": "mei", "variables": {"order": "1", "total": "2"}}
    found = shop.client.post("/api/templates/receipt/try", json={**wanted, "to": ["me@shop.example"]})
    assert found.json()["tried"] == [{"to": "me@shop.example", "outcome": "accepted", "reason": ""}]
    (mail,) = shop.mailbox.mails
    assert (mail.recipients, mail.message["Subject"]) == (("me@shop.example",), "[test] Your order 1")
    assert shop.client.get("/api/messages").json()["messages"] == []
    wrong = shop.client.post("/api/templates/receipt/try", json={**wanted, "to": ["nobody"]})
    assert (wrong.status_code, wrong.json()["path"]) == (422, "$.to[0]")


def test_an_address_where_nothing_will_ever_arrive_gets_nothing_more(shop: Shop) -> None:
    message_id = shop.sent()
    mail = DSN.format(message=message_id, status="5.1.1").encode()
    taken = shop.client.post("/api/messages/report-mail", content=mail)
    assert taken.json() == {"message_id": message_id, "kind": "bounced", "suppressed": True}
    assert shop.suppressed() == {"mei@example.com": "bounced"}
    assert shop.state(shop.sent("order-2")) == ("dropped", "suppressed")
    assert shop.client.delete("/api/suppressions", params={"address": "Mei@example.com"}).status_code == 200
    assert shop.state(shop.sent("order-3")) == ("sent", "")


def test_a_full_mailbox_is_given_up_after_five_bounces_and_told_twice_counts_once(shop: Shop) -> None:
    for number in range(5):
        message_id = shop.sent(f"order-{number}")
        report: dict[str, Json] = {"message": message_id, "kind": "bounced", "status": "5.2.2"}
        shop.client.post("/api/messages/report", json=report)
        taken = shop.client.post("/api/messages/report", json=report).json()
        assert taken["suppressed"] is (number == 4)
    assert shop.suppressed() == {"mei@example.com": "bounced"}
    shop.workspace.turn()
    assert shop.workspace.count_events("message_bounced") == 5


def test_a_complaint_ends_what_is_sent_to_an_address(shop: Shop) -> None:
    message_id = shop.sent()
    taken = shop.client.post(
        "/api/messages/report-mail", content=COMPLAINT.format(message=message_id).encode()
    )
    assert taken.json() == {"message_id": message_id, "kind": "complained", "suppressed": True}
    assert shop.suppressed() == {"mei@example.com": "complained"}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"Subject: Out of office\n\nI am away.", 400, "no_report"),
        (DSN.format(message="msg_other", status="5.1.1").encode(), 404, "unknown_message"),
    ],
)
def test_a_mail_that_reports_on_nothing_of_ours_is_refused(
    body: bytes, status: int, code: str, shop: Shop
) -> None:
    answer = shop.client.post("/api/messages/report-mail", content=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_list_of_suppressed_addresses_comes_in_whole_or_not_at_all(shop: Shop) -> None:
    good = "address,reason\nMei@Example.com,asked for it\nx@b.example,\n"
    assert shop.client.post("/api/suppressions", content=good).json() == {"read": 2, "added": 2}
    assert shop.client.post("/api/suppressions", content=good).json() == {"read": 2, "added": 0}
    assert shop.suppressed() == {"mei@example.com": "asked for it", "x@b.example": "imported"}
    assert shop.state(shop.sent()) == ("dropped", "suppressed")
    bad = shop.client.post("/api/suppressions", content="address\nok@b.example\nnonsense\n")
    assert (bad.status_code, bad.json()["path"]) == (422, "$[2].address")
    assert "ok@b.example" not in shop.suppressed()
    page = shop.client.get("/api/suppressions", params={"limit": 1}).json()
    assert (len(page["suppressions"]), page["next"]) == (1, "mei@example.com")


def test_a_refusal_for_good_at_the_door_suppresses_the_address(tmp_path: Path, state_url: str) -> None:
    clock = VirtualClock(NOON)
    with Mailbox(clock, recipient_answer=lambda _one: "550 5.1.1 no such user") as mailbox:
        for shop in opened(tmp_path, state_url, mailbox, clock):
            assert shop.state(shop.sent()) == ("failed", "refused_550")
            assert shop.suppressed() == {"mei@example.com": "bounced"}


def test_a_refusal_that_may_be_about_us_suppresses_nobody(tmp_path: Path, state_url: str) -> None:
    clock = VirtualClock(NOON)
    with Mailbox(clock, recipient_answer=lambda _one: "550 5.7.1 blocked, see our page") as mailbox:
        for shop in opened(tmp_path, state_url, mailbox, clock):
            assert shop.state(shop.sent()) == ("failed", "refused_550")
            assert shop.suppressed() == {}


def test_the_second_server_takes_what_the_first_cannot_be_reached_for(tmp_path: Path, state_url: str) -> None:
    clock = VirtualClock(NOON)
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        closed = reserved.getsockname()[1]
    with Mailbox(clock, answer=lambda _mail: ACCEPTED) as mailbox:
        told = (
            f'url = "smtp://127.0.0.1:{closed}?from=a@shop.example"\n'
            f'fallbacks = ["{mailbox.url}?from=b@shop.example"]\nbounces = "bounce@shop.example"'
        )
        for shop in opened(tmp_path, state_url, mailbox, clock, told):
            message_id = shop.sent()
            assert shop.state(message_id) == ("sent", "")
            (mail,) = mailbox.mails
            assert mail.sender == f"bounce+{message_id}@shop.example"
            shop.clock.advance(timedelta(hours=1))
            assert shop.state(shop.sent("order-2")) == ("sent", "")
