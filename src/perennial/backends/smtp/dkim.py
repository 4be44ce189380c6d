"""A mail's DKIM signature (RFC 6376, and RFC 8463 for Ed25519): relaxed headers, relaxed body.

The libraries that sign mail do RSA in Python, which takes several milliseconds each; the signature itself is
made by `cryptography`, and what is ours is the order of the words.
"""

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from perennial.kernel.errors import PerennialError

SIGNED = (
    "from", "to", "subject", "date", "message-id", "mime-version", "content-type",
    "content-transfer-encoding", "list-unsubscribe", "list-unsubscribe-post",
)  # fmt: skip
"""Headers that are signed where they are there; RFC 8058 demands the last two."""
SMALLEST_RSA = 1024

_HEADER = re.compile(rb"([^:\r\n]+):((?:[^\r\n]|\r\n[ \t])*)\r\n")
_BLANKS = re.compile(rb"[ \t]+")
_BLANKS_AT_END = re.compile(rb"[ \t]+(?=\r\n)")
_FOLD = 72


class InvalidDkimKey(PerennialError):
    """Mail cannot be signed with this key: it takes a PEM file with an RSA or Ed25519 private key."""

    code = "invalid_dkim_key"


@dataclass(frozen=True, slots=True, kw_only=True)
class DkimSigner:
    """Signs for one domain; the public key is in the DNS at `SELECTOR._domainkey.DOMAIN`."""

    domain: str
    selector: str
    key: RSAPrivateKey | Ed25519PrivateKey = field(repr=False)

    def signature(self, mail: bytes, *, at: datetime) -> bytes:
        """The header to put before a mail whose lines end in CRLF."""
        head, _, body = mail.partition(b"\r\n\r\n")
        found = _headers(head + b"\r\n")
        names = [name for name in SIGNED if name in found]
        # `from` once more than there is one: nobody can add another and keep the signature.
        listed = ":".join([*names, "from"])
        algorithm = "rsa-sha256" if isinstance(self.key, RSAPrivateKey) else "ed25519-sha256"
        digest = base64.b64encode(hashlib.sha256(relaxed_body(body)).digest()).decode("ascii")
        bare = (
            f"v=1; a={algorithm}; c=relaxed/relaxed; d={self.domain}; s={self.selector};\r\n"
            f" t={int(at.timestamp())}; h={listed};\r\n bh={digest};\r\n b="
        )
        signed = b"".join(relaxed_header(name, found[name]) + b"\r\n" for name in names)
        signed += relaxed_header("dkim-signature", bare.encode("ascii"))
        written = base64.b64encode(self._sign(signed)).decode("ascii")
        folded = "\r\n ".join(written[start : start + _FOLD] for start in range(0, len(written), _FOLD))
        return f"DKIM-Signature: {bare}{folded}\r\n".encode("ascii")

    def _sign(self, octets: bytes) -> bytes:
        if isinstance(self.key, RSAPrivateKey):
            return self.key.sign(octets, PKCS1v15(), SHA256())
        return self.key.sign(hashlib.sha256(octets).digest())


def read_signer(domain: str, selector: str, file: Path) -> DkimSigner:
    """The signer of a domain, with the key in a file. Raises InvalidDkimKey, which never shows the key."""
    try:
        key = load_pem_private_key(file.read_bytes(), password=None)
    except OSError as error:
        message = f"The key for DKIM cannot be read: {error.strerror}."
        raise InvalidDkimKey(message, path="smtp.dkim") from None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise InvalidDkimKey(path="smtp.dkim") from None
    is_weak = isinstance(key, RSAPrivateKey) and key.key_size < SMALLEST_RSA
    if is_weak or not isinstance(key, RSAPrivateKey | Ed25519PrivateKey):
        raise InvalidDkimKey(hint="`openssl genrsa 2048` makes one.", path="smtp.dkim")
    return DkimSigner(domain=domain, selector=selector, key=key)


def relaxed_header(name: str, value: bytes) -> bytes:
    """A header in its relaxed form (RFC 6376, 3.4.2), without the end of its line."""
    return name.encode("ascii") + b":" + _BLANKS.sub(b" ", value.replace(b"\r\n", b"")).strip(b" ")


def relaxed_body(body: bytes) -> bytes:
    """A body in its relaxed form (RFC 6376, 3.4.4)."""
    bare = _BLANKS.sub(b" ", _BLANKS_AT_END.sub(b"", body)).rstrip(b"\r\n")
    return bare.rstrip(b" ") + b"\r\n" if bare else b""


def _headers(head: bytes) -> dict[str, bytes]:
    """Headers by lower-case name; of several of a name the last, as verifiers take them."""
    pairs: Sequence[tuple[bytes, bytes]] = _HEADER.findall(head)
    return {name.decode("ascii").strip().lower(): value for name, value in pairs}
