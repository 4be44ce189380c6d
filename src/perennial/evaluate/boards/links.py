"""Links that show a board: signed, so that nobody can make one up or reach one board by another's.

A token is `share id.until when`, signed by HMAC-SHA256 with a key of the workspace's own for this purpose.
"""

import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import UTC, datetime

from itsdangerous import BadSignature, Signer

from perennial.kernel.errors import NotFound

_PAYLOAD = re.compile(r"(shr_[0-9A-Za-z_-]{1,64})\.([0-9]{1,11})")
_MOST = 300
"""Characters; a longer token is none of ours."""


class ShareUnknown(NotFound):
    """This link shows nothing: it is not whole, it ended, or it was taken back."""

    code = "unknown_share"


class ShareKeys:
    """What a workspace's links to boards are signed with. It shows nothing of the secrets."""

    def __init__(self, workspace: str, secrets: Sequence[str]) -> None:
        purpose = f"perennial:board:{workspace}".encode()
        derived = [hmac.digest(secret.encode(), purpose, "sha256") for secret in secrets]
        self._signer = Signer(derived, sep=".", key_derivation="none", digest_method=hashlib.sha256)

    def token(self, share_id: str, expires_at: datetime) -> str:
        """What opens a share."""
        return self._signer.sign(f"{share_id}.{int(expires_at.timestamp())}").decode("ascii")

    def share_id(self, token: str, *, now: datetime) -> str:
        """Which share a token opens. Raises ShareUnknown, the same for every reason."""
        try:
            if len(token) <= _MOST and token.isascii():
                found = _PAYLOAD.fullmatch(self._signer.unsign(token).decode("ascii"))
                if found is not None and now < datetime.fromtimestamp(int(found[2]), UTC):
                    return found[1]
        except BadSignature:
            pass
        raise ShareUnknown
