"""The loops by themselves, on the real clock: whatever is due or announced is done without being asked."""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from threading import Event
from time import monotonic

import msgspec
import pytest

from perennial.kernel.clock import SystemClock
from perennial.kernel.values import Json
from perennial.runtime.agenda import LONGEST_REST
from perennial.showcase.mailbox import Mailbox
from perennial.wiring import App, Workspace, open_app

TEMPLATE = "{id: hello, channel: email, subject: Hello, text: 'Hello {{ person.traits.email }}.'}"
JOURNEY = """
id: hello
entry: {on: {event: cart}}
control: none
start: rest
nodes:
  rest: {wait: 1s, then: write}
  write: {send: {channel: email, template: hello, topic: marketing}, then: done}
  done: {exit: {outcome: written}}
"""
BUYERS = "{id: buyers, name: Buyers, condition: {did: cart, within: 7d}}"
NEVER = str(None)
SOON = LONGEST_REST.total_seconds() - 2
"""Well before a loop would look without having been told."""


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with Mailbox(SystemClock()) as mailbox:
        yield mailbox


@pytest.fixture
def app(tmp_path: Path, state_url: str, box: Mailbox) -> Iterator[App]:
    """An installation whose loops have nothing to do yet."""
    mail = {"default": f"{box.url}?from=shop@example.com"}
    with open_app(tmp_path / "home", state=state_url, smtp_urls=mail) as opened:
        opened.init()
        opened.start()
        opened.workspace().wait_accepted()
        yield opened


def comes_about(is_so: Callable[[], bool], *, within: float = SOON) -> bool:
    """Whether something is so before long."""
    pause, until = Event(), monotonic() + within
    while not is_so() and monotonic() < until:
        pause.wait(0.05)
    return is_so()


def refreshed_at(workspace: Workspace) -> str:
    """When the only segment was last answered."""
    rows: list[Mapping[str, Json]] = msgspec.to_builtins(workspace.list_segments().rows)
    [segment] = rows
    return str(segment["refreshed_at"])


def test_a_cart_becomes_a_mail_though_nothing_else_happens(app: App, box: Mailbox) -> None:
    workspace = app.workspace()
    workspace.save_template(TEMPLATE)
    workspace.publish_journey(JOURNEY)
    workspace.send(
        [
            {"type": "identify", "userId": "li", "traits": {"email": "li@example.com"}},
            {
                "type": "consent",
                "userId": "li",
                "consent": "email/marketing",
                "state": "granted",
                "proof": "form",
            },
            {"type": "track", "userId": "li", "event": "cart"},
        ]
    )
    assert comes_about(lambda: len(box.mails) == 1)
    assert comes_about(lambda: workspace.count_events("message_sent") == 1)


def test_a_new_segment_is_answered_and_an_event_changes_it_at_once(app: App) -> None:
    workspace = app.workspace()
    workspace.save_segment(BUYERS)
    assert comes_about(lambda: refreshed_at(workspace) != NEVER)
    workspace.send([{"type": "track", "userId": "li", "event": "cart"}])
    assert comes_about(lambda: workspace.count_events("segment_entered") == 1)


def test_a_segment_is_answered_anew_when_it_is_due(tmp_path: Path) -> None:
    with open_app(tmp_path / "home", refresh_every=timedelta(seconds=1)) as app:
        app.init()
        app.start()
        workspace = app.workspace()
        workspace.save_segment(BUYERS)

        assert comes_about(lambda: refreshed_at(workspace) != NEVER)
        first = refreshed_at(workspace)
        assert comes_about(lambda: refreshed_at(workspace) != first)
