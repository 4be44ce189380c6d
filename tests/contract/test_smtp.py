"""The SMTP provider against a real server on the loopback address."""

import socket
from collections.abc import Callable, Generator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from threading import Thread

import pytest

from perennial.backends.smtp import InvalidServer, SmtpProvider, parse_server
from perennial.deliver.channels import Outcome, Outgoing, Receipt
from perennial.kernel.clock import VirtualClock
from perennial.kernel.ids import MessageId
from perennial.showcase.mailbox import ACCEPTED, Answer, Mailbox

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)


def outgoing(
    number: int = 1,
    *,
    address: str = "anna@example.com",
    subject: str = "你好",
    sender: str | None = "店铺 <shop@example.com>",
    text: str = "Hello\n.a line with a dot\n",
    html: str | None = None,
) -> Outgoing:
    return Outgoing(
        message_id=MessageId(f"msg_{number}"),
        address=address,
        sender=sender,
        subject=subject,
        text=text,
        html=html,
        written_at=NOON,
    )


def provider(url: str) -> SmtpProvider:
    return SmtpProvider(parse_server(url), timeout_seconds=2)


def mailbox(
    answer: Answer = lambda _mail: ACCEPTED,
    recipient_answer: Callable[[str], str] = lambda _address: ACCEPTED,
) -> Mailbox:
    return Mailbox(VirtualClock(NOON), answer=answer, recipient_answer=recipient_answer)


def seen(receipts: Sequence[Receipt]) -> list[tuple[Outcome, str]]:
    return [(receipt.outcome, receipt.reason) for receipt in receipts]


@contextmanager
def scripted(*lines: bytes) -> Generator[str]:
    """A server that says these lines, one after each thing it hears, and then hangs up."""
    listener = socket.create_server(("127.0.0.1", 0))

    def converse() -> None:
        connection, _ = listener.accept()
        with closing(connection), suppress(ConnectionError):
            for line in lines:
                connection.sendall(line)
                connection.recv(100_000)

    thread = Thread(target=converse, daemon=True)
    thread.start()
    with closing(listener):
        yield f"smtp://127.0.0.1:{listener.getsockname()[1]}"
        thread.join(timeout=5)


def test_a_mail_arrives_whole_with_a_stable_id_and_the_date_it_was_told() -> None:
    with mailbox() as box:
        receipts = provider(box.url).send([outgoing(html="<p>Hello</p>", text="Hello\n.dot\n" + "x" * 1_500)])
        (mail,) = box.mails
    assert [receipt.outcome for receipt in receipts] == ["accepted"]
    assert (mail.sender, mail.recipients) == ("shop@example.com", ("anna@example.com",))
    assert mail.message["Message-ID"] == "<msg_1@example.com>"
    assert mail.message["Date"] == "Tue, 31 Mar 2026 12:00:00 +0000"
    assert mail.message["Subject"] == "你好"
    assert mail.message["From"] == "店铺 <shop@example.com>"
    plain, html = mail.message.get_body(("plain",)), mail.message.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().splitlines() == ["Hello", ".dot", "x" * 1_500]
    assert html.get_content().strip() == "<p>Hello</p>"


def test_a_batch_goes_over_one_connection_and_one_refusal_stops_nobody_else() -> None:
    def word(address: str) -> str:
        return {"bo": "550 5.1.1 nobody", "cy": "452 full"}.get(address.partition("@")[0], ACCEPTED)

    batch = [outgoing(n, address=f"{name}@example.com") for n, name in enumerate(("anna", "bo", "cy", "dan"))]
    with mailbox(recipient_answer=word) as box:
        receipts = provider(box.url).send(batch)
        assert [mail.recipients[0] for mail in box.mails] == ["anna@example.com", "dan@example.com"]
    assert seen(receipts) == [
        ("accepted", ""),
        ("permanent", "refused_550"),
        ("temporary", "refused_452"),
        ("accepted", ""),
    ]


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [("451 later", ("temporary", "refused_451")), ("554 5.7.1 spam", ("permanent", "refused_554"))],
)
def test_a_refusal_after_the_text_is_believed(answer: str, outcome: tuple[Outcome, str]) -> None:
    with mailbox(lambda _mail: answer) as box:
        assert seen(provider(box.url).send([outgoing()])) == [outcome]


def test_a_line_that_breaks_after_the_text_leaves_one_unknown_and_the_rest_waiting() -> None:
    with mailbox(lambda _mail: None) as box:
        receipts = provider(box.url).send([outgoing(1), outgoing(2)])
    assert seen(receipts) == [("unknown", "no_answer"), ("unreachable", "disconnected")]


def test_a_server_that_closes_politely_leaves_the_rest_waiting() -> None:
    with mailbox(lambda _mail: "421 closing") as box:
        receipts = provider(box.url).send([outgoing(1), outgoing(2)])
    assert seen(receipts) == [("temporary", "refused_421"), ("unreachable", "disconnected")]


@pytest.mark.parametrize(
    "heard",
    [
        [],
        [b"220 hi\r\n"],
        [b"220 hi\r\n", b"250 hi\r\n"],
        [b"220 hi\r\n", b"250 hi\r\n", b"250 ok\r\n"],
        [b"220 hi\r\n", b"250 hi\r\n", b"250 ok\r\n", b"250 ok\r\n"],
        [b"554 go away\r\n"],
    ],
    ids=["connect", "EHLO", "MAIL", "RCPT", "DATA", "refused greeting"],
)
def test_a_line_that_breaks_before_the_text_means_not_sent(heard: list[bytes]) -> None:
    with scripted(*heard) as url:
        (receipt,) = provider(url).send([outgoing()])
    assert receipt.outcome == "unreachable"


@pytest.mark.parametrize("last", [b"", b"what?\r\n", b"999 x\r\n"], ids=["silence", "noise", "odd code"])
def test_no_clear_answer_after_the_text_means_unknown(last: bytes) -> None:
    with scripted(b"220 hi\r\n", b"250 hi\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n", last) as url:
        (receipt,) = provider(url).send([outgoing()])
    assert receipt.outcome == "unknown"


def test_a_server_that_is_not_there_means_not_sent() -> None:
    with mailbox() as box:
        url = box.url
    assert seen(provider(url).send([outgoing(1), outgoing(2)])) == [("unreachable", "connection_refused")] * 2


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (outgoing(subject="Hi\r\nBcc: everyone@example.com"), "line_break_in_subject"),
        (outgoing(address="a@example.com\r\nRCPT TO:<everyone@example.com>"), "invalid_address"),
        (outgoing(address="a@example.com> <b@example.com"), "invalid_address"),
        (outgoing(sender="shop@example.com\nBcc: everyone@example.com"), "invalid_sender"),
        (outgoing(text="\ud800"), "not_writable_as_mail"),
    ],
)
def test_nothing_smuggled_into_a_header_reaches_the_server(wrong: Outgoing, reason: str) -> None:
    with mailbox() as box:
        receipts = provider(box.url).send([wrong, outgoing(2)])
        assert [mail.recipients for mail in box.mails] == [("anna@example.com",)]
    assert seen(receipts) == [("permanent", reason), ("accepted", "")]


def test_the_servers_own_sender_is_taken_where_a_message_names_none() -> None:
    with mailbox() as box:
        provider(f"{box.url}?from=Shop%20%3Chello@example.org%3E").send([outgoing(sender=None)])
        nobody = provider(box.url).send([outgoing(sender=None)])
        assert [mail.sender for mail in box.mails] == ["hello@example.org"]
    assert seen(nobody) == [("unreachable", "no_sender")]


def test_a_refused_login_means_not_sent_and_tells_no_secret() -> None:
    script = [b"220 hi\r\n", b"250-hi\r\n250 AUTH PLAIN\r\n", b"535 wrong: hunter2\r\n"]
    with scripted(*script) as url:
        (receipt,) = provider(url.replace("//", "//anna:hunter2@")).send([outgoing()])
    assert (receipt.outcome, receipt.reason, receipt.answer) == ("unreachable", "login_refused", "")


def test_a_password_never_crosses_the_network_in_the_clear() -> None:
    heard = [b"220 hi\r\n", b"250-hi\r\n250 AUTH PLAIN\r\n"]
    with scripted(*heard) as url:
        # The same machine under a name that does not say so.
        elsewhere = url.replace("//127.0.0.1", "//anna:hunter2@0.0.0.0")
        receipts = provider(elsewhere).send([outgoing()])
    assert seen(receipts) == [("unreachable", "no_tls_for_password")]


def test_a_server_whose_tls_fails_gets_no_mail() -> None:
    heard = [b"220 hi\r\n", b"250-hi\r\n250 STARTTLS\r\n", b"220 go\r\n", b"this is not TLS\r\n"]
    with scripted(*heard) as url:
        receipts = provider(url).send([outgoing()])
    assert seen(receipts) == [("unreachable", "tls_failed")]


def test_a_servers_address_shows_no_secret() -> None:
    server = parse_server("smtps://anna:hunter%322@mail.example.com?from=shop@example.com")
    assert (server.host, server.port, server.is_tls, server.password) == (
        "mail.example.com",
        465,
        True,
        "hunter22",
    )
    assert "hunter" not in repr(server)


@pytest.mark.parametrize(
    "url",
    ["http://u:hunter2@h", "smtp://", "smtp://u:hunter2@h:port", "smtp://u:hunter2@h?from=x", "u:hunter2@h"],
)
def test_a_wrong_address_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(InvalidServer) as refused:
        parse_server(url)
    assert "hunter2" not in f"{refused.value} {refused.value.hint}"


def test_a_mailbox_keeps_the_newest_mails_only() -> None:
    with Mailbox(VirtualClock(NOON), capacity=2) as box:
        provider(box.url).send([outgoing(n, address=f"p{n}@example.com") for n in range(3)])
        assert [mail.recipients[0] for mail in box.mails] == ["p1@example.com", "p2@example.com"]
        assert (box.total, box.mails[0].received_at) == (3, NOON)
