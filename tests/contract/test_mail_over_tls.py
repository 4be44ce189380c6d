"""Signed mail over TLS to a real server, verified by a library that had no part in signing it."""

import base64
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import dkim
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID

from perennial.backends.smtp import DkimSigner, InvalidDkimKey, SmtpProvider, parse_server, read_signer
from perennial.deliver.channels import Outgoing
from perennial.kernel.clock import SystemClock
from perennial.kernel.ids import MessageId

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
WAY_OUT = "https://crm.example/u/" + "x" * 180
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
ED25519 = ed25519.Ed25519PrivateKey.generate()


class Kept:
    """What the server took, and whether it came over TLS."""

    def __init__(self) -> None:
        self.mails: list[tuple[bytes, bool]] = []

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  aiosmtpd's name
        assert isinstance(envelope.content, bytes)
        self.mails.append((envelope.content, session.ssl is not None))
        return "250 OK"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of 127.0.0.1, signed by itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = SystemClock().now()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(private + made.public_bytes(Encoding.PEM))
    return file


@pytest.fixture(params=["smtp", "smtps"])
def server(request: pytest.FixtureRequest, certificate: Path) -> Iterator[tuple[str, Kept, ssl.SSLContext]]:
    """A real server with STARTTLS, without which it takes nothing, or with TLS from the first byte."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    kept = Kept()
    tls = (
        {"ssl_context": context}
        if request.param == "smtps"
        else {"tls_context": context, "require_starttls": True}
    )
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port: int = reserved.getsockname()[1]
    controller = Controller(kept, hostname="127.0.0.1", port=port, **tls)  # pyright: ignore[reportArgumentType]  # options of its SMTP
    controller.start()
    try:
        trusting = ssl.create_default_context(cafile=str(certificate))
        yield f"{request.param}://127.0.0.1:{port}", kept, trusting
    finally:
        controller.stop()


def verified(mail: bytes, signer: DkimSigner) -> bool:
    """Whether a mail's signature holds, as dkimpy says with the key that the DNS would tell."""

    def dns(name: bytes, timeout: int = 5) -> bytes:
        assert name == b"s1._domainkey.shop.example."
        return in_the_dns(signer)

    return dkim.verify(mail, dnsfunc=dns)  # pyright: ignore[reportUnknownMemberType]  # a library without types


def outgoing(html: str | None = None) -> Outgoing:
    return Outgoing(
        message_id=MessageId("msg_1"),
        address="anna@example.com",
        sender="店铺 <shop@shop.example>",
        subject="你好, a subject that is long enough to be folded over more than a single line of the head",
        text="Hello  \t\n\n.a line with a dot\n" + "ü" * 400 + "\n\n\n",
        html=html,
        unsubscribe_url=WAY_OUT,
        written_at=NOON,
    )


def in_the_dns(signer: DkimSigner) -> bytes:
    """The public half, as the DNS would say it."""
    public = signer.key.public_key()
    if isinstance(public, rsa.RSAPublicKey):
        octets = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return b"v=DKIM1; k=rsa; p=" + base64.b64encode(octets)
    return b"v=DKIM1; k=ed25519; p=" + base64.b64encode(public.public_bytes(Encoding.Raw, PublicFormat.Raw))


@pytest.mark.parametrize("html", [None, "<p>Hello</p>"])
@pytest.mark.parametrize("key", [RSA, ED25519])
def test_signed_mail_arrives_over_tls_and_its_signature_covers_the_way_out(
    key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey,
    html: str | None,
    server: tuple[str, Kept, ssl.SSLContext],
) -> None:
    url, kept, trusting = server
    signer = DkimSigner(domain="shop.example", selector="s1", key=key)
    provider = SmtpProvider(parse_server(url), tls=trusting, timeout_seconds=5, dkim=signer)
    assert [one.outcome for one in provider.send([outgoing(html)])] == ["accepted"]
    ((mail, is_private),) = kept.mails
    assert is_private or url.startswith("smtps:")
    assert verified(mail, signer)
    head = mail.partition(b"\r\n\r\n")[0]
    assert (
        f"List-Unsubscribe: <{WAY_OUT}>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n".encode()
        in head
    )
    signature = head.partition(b"\r\nFrom:")[0]
    assert b"list-unsubscribe:list-unsubscribe-post:from" in b"".join(signature.split())
    for changed in (
        mail.replace(b"List-Unsubscribe: <https://crm", b"List-Unsubscribe: <https://evil"),
        mail.replace(b"\r\nFrom:", b"\r\nFrom: evil@example.com\r\nFrom:", 1),
        mail + b"more\r\n",
    ):
        assert changed != mail
        assert not verified(changed, signer)


def test_a_server_that_nobody_vouches_for_gets_no_mail(server: tuple[str, Kept, ssl.SSLContext]) -> None:
    url, kept, _ = server
    (receipt,) = SmtpProvider(parse_server(url), timeout_seconds=5).send([outgoing()])
    assert (receipt.outcome, receipt.reason) == ("unreachable", "tls_failed")
    assert kept.mails == []


@pytest.mark.parametrize("key", [RSA, ED25519])
def test_a_key_is_read_from_its_file(
    key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey, tmp_path: Path
) -> None:
    file = tmp_path / "key.pem"
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    assert read_signer("shop.example", "s1", file).key.public_key() == key.public_key()
    assert "PRIVATE" not in repr(read_signer("shop.example", "s1", file))


@pytest.mark.parametrize("octets", [b"", b"nonsense", None])
def test_a_key_that_is_none_is_refused_without_being_shown(octets: bytes | None, tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    if octets is None:
        weak = ec.generate_private_key(ec.SECP256R1())
        octets = weak.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    if octets:
        file.write_bytes(octets)
    with pytest.raises(InvalidDkimKey):
        read_signer("shop.example", "s1", file)
