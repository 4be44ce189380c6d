"""Whatever bytes come in: the way in says that they are fine, or what is wrong, and never that it broke."""

import base64
import gzip
import zlib
from collections.abc import Mapping

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perennial.api import create_app
from perennial.cli.local_transport import LocalTransport
from perennial.testing.installation import WRITE_KEY, FakeInstallation

PATHS = ("/v1/track", "/v1/identify", "/v1/alias", "/v1/batch", "/v1/t", "/sa", "/sa.gif")


def a_call(value: bytes) -> bytes:
    return b'{"type":"track","userId":"u","event":"e","properties":{"p":%s}}' % value


HOSTILE: Mapping[str, bytes] = {
    "NUL": a_call(b'"\\u0000"'),
    "raw NUL": b"\0",
    "lone surrogate": a_call(b'"\\ud800"'),
    "lone surrogate as a name": b'{"userId":"u","event":"e","properties":{"\\ud800":1}}',
    "lone surrogate as an id": b'{"userId":"\\udfff","event":"e"}',
    "lone surrogate as a key": b'{"writeKey":"\\ud800","userId":"u","event":"e"}',
    "beyond every float": a_call(b"-1e999"),
    "10,000 digits": a_call(b"9" * 10_000),
    "an id of 4,000 digits": b'{"userId":%s,"event":"e"}' % (b"9" * 4_000),
    "far future": b'{"userId":"u","event":"e","timestamp":"99999999999999999999"}',
    "a time of 400 digits": b'{"userId":"u","event":"e","timestamp":%s}' % (b"9" * 400),
    "sent at no time": b'{"userId":"u","event":"e","timestamp":"2026-01-01","sentAt":1e300}',
    "repeated names": b'{"userId":"u","userId":1,"event":"e","event":[]}',
    "5,000 lists deep": a_call(b"[" * 5_000 + b"]" * 5_000),
    "900 objects deep": a_call(b'{"a":' * 900 + b"1" + b"}" * 900),
    "10 MB of text": a_call(b'"' + b"x" * 10_000_000 + b'"'),
    "gzip that is cut off": gzip.compress(a_call(b"1"))[:-5],
    "gzip that is none": b"\x1f\x8b" + b"x" * 50,
    "gzip of 100 MB": gzip.compress(b"x" * 100_000_000, compresslevel=1),
    "gzip of gzip": gzip.compress(gzip.compress(a_call(b"1"))),
    "deflate": zlib.compress(a_call(b"1")),
    "invalid UTF-8": a_call(b'"\xff"'),
    "a byte order mark": b"\xef\xbb\xbf" + a_call(b"1"),
    "nothing": b"",
    "a list": b"[]",
    "not a number": a_call(b"NaN"),
    "a batch of anything": b'{"batch":[null,1,"x",[],{}]}',
    "objects for words": b'{"userId":"u","event":{"a":1},"type":{},"context":[1]}',
}


@pytest.fixture(scope="module")
def client() -> httpx.Client:
    transport = LocalTransport(create_app(FakeInstallation(), local_token="unused"))
    return httpx.Client(transport=transport, base_url="http://perennial", auth=(WRITE_KEY, ""))


def is_answered_well(client: httpx.Client, path: str, body: bytes) -> bool:
    """Whether a body, as it is and as a Sensors form, is taken or refused with a reason."""
    bodies = [body]
    if path.startswith("/sa"):
        packed = base64.urlsafe_b64encode(body)
        bodies += [b"data=" + packed, b"data_list=" + packed]
    answers = [client.post(path, content=one) for one in bodies]
    return all(one.status_code == 200 or (one.status_code == 400 and one.json()["code"]) for one in answers)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_body_is_taken_or_refused_with_a_reason(
    client: httpx.Client, path: str, body: bytes
) -> None:
    assert is_answered_well(client, path, body)


@given(path=st.sampled_from(PATHS), body=st.binary(max_size=300))
def test_any_bytes_are_taken_or_refused_with_a_reason(client: httpx.Client, path: str, body: bytes) -> None:
    assert is_answered_well(client, path, body)
    assert is_answered_well(client, path, a_call(body))
