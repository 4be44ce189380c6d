"""Signed links: nobody but us can make one, and one of a kind is not one of another.

The signature is HMAC-SHA256 by itsdangerous over kind, workspace and payload, so a link leads only where a
message of ours was to lead: there is no open redirect.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, cast

from itsdangerous import BadSignature, Signer
from msgspec import json

from perennial.deliver.tracking.model import Choice, Clicked, Confirmation, Opened
from perennial.kernel.errors import NotFound
from perennial.kernel.ids import MessageId, ProfileId

DEFAULT = "default"
MAX_TOKEN = 8_000
"""Characters; a longer one is none of ours."""

_Kind = Literal["l", "o", "u", "y"]


class Tampered(NotFound):
    """The link is not one of ours, or not whole."""

    code = "unknown_link"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkKeys:
    """What a workspace signs its links with: the newest last; the older ones are still believed."""

    secrets: Sequence[str] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachedAt:
    """Where people reach us: addresses without a slash at the end; empty where it is not known."""

    address: str = ""
    links_address: str = ""
    """A shorter domain for clicks and opens; empty is `address`."""


class Links:
    """The signed links of one workspace's messages."""

    def __init__(self, workspace: str, keys: LinkKeys, reached_at: Callable[[], ReachedAt]) -> None:
        self._place = "" if workspace == DEFAULT else f"/{workspace}"
        self._reached_at = reached_at
        self._signers = {kind: _signer(kind, workspace, keys) for kind in ("l", "o", "u", "y")}

    @property
    def are_reachable(self) -> bool:
        """Whether it is known where people reach us: otherwise no link can lead here."""
        return bool(self._reached_at().address)

    def click(self, clicked: Clicked) -> str:
        """The link that leads on and tells that it was followed."""
        payload = [clicked.message_id, clicked.number, clicked.url]
        return f"{self._short()}/l{self._place}/{self._sign('l', payload)}"

    def opening(self, opened: Opened) -> str:
        """The picture that tells that a message was shown."""
        return f"{self._short()}/o{self._place}/{self._sign('o', [opened.message_id])}"

    def choices(self, choice: Choice) -> str:
        """The page on which one says what to hear of; a POST of one-click unsubscription goes there, too."""
        payload = [choice.message_id, choice.profile_id, choice.channel, choice.topic]
        return f"{self._reached_at().address}/u{self._place}/{self._sign('u', payload)}"

    def confirmation(self, asked: Confirmation) -> str:
        """The page on which somebody confirms that they want to hear of a topic."""
        payload = [asked.profile_id, asked.channel, asked.topic, asked.asked_at]
        return f"{self._reached_at().address}/y{self._place}/{self._sign('y', payload)}"

    def confirmed(self, token: str) -> Confirmation:
        """What the token of a confirmation says. Raises Tampered."""
        profile_id, channel, topic, at = cast("tuple[int, str, str, int]", self._read("y", token))
        return Confirmation(profile_id=ProfileId(profile_id), channel=channel, topic=topic, asked_at=at)

    def clicked(self, token: str) -> Clicked:
        """What a click's token says. Raises Tampered."""
        message_id, number, url = cast("tuple[str, int, str]", self._read("l", token))
        return Clicked(message_id=MessageId(message_id), number=number, url=url)

    def opened(self, token: str) -> Opened:
        """What a picture's token says. Raises Tampered."""
        (message_id,) = cast("tuple[str]", self._read("o", token))
        return Opened(message_id=MessageId(message_id))

    def choice(self, token: str) -> Choice:
        """What the token of a page of choices says. Raises Tampered."""
        message_id, profile_id, channel, topic = cast("tuple[str, int, str, str]", self._read("u", token))
        return Choice(
            message_id=MessageId(message_id), profile_id=ProfileId(profile_id), channel=channel, topic=topic
        )

    def _short(self) -> str:
        reached_at = self._reached_at()
        return reached_at.links_address or reached_at.address

    def _sign(self, kind: _Kind, payload: Sequence[str | int]) -> str:
        written = base64.urlsafe_b64encode(json.encode(payload)).rstrip(b"=")
        return self._signers[kind].sign(written).decode("ascii")

    def _read(self, kind: _Kind, token: str) -> object:
        # Whatever is signed was written above, so its form is known.
        try:
            if len(token) <= MAX_TOKEN and token.isascii():
                written = self._signers[kind].unsign(token)
                return cast("object", json.decode(base64.urlsafe_b64decode(written + b"==")))
        except BadSignature:
            pass
        raise Tampered("This link is not one of ours, or a part of it is missing.")


def _signer(kind: str, workspace: str, keys: LinkKeys) -> Signer:
    # A key for each kind and workspace, derived once rather than for every link.
    purpose = f"perennial:{kind}:{workspace}".encode()
    derived = [hmac.digest(secret.encode(), purpose, "sha256") for secret in keys.secrets]
    return Signer(derived, sep=".", key_derivation="none", digest_method=hashlib.sha256)
