"""Any mail that is written reads back as what was to be said, in letters that every server takes."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default as default_policy

from hypothesis import example, given
from hypothesis import strategies as st

from perennial.backends.smtp.text import write_mail
from perennial.deliver.channels import Outgoing
from perennial.kernel.ids import MessageId

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
letters = st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"])
lines = st.lists(
    st.one_of(
        st.text(letters, max_size=40),
        st.sampled_from(
            [".", "..", "From me", "--=_perennial_msg_1", "=20", "é" * 500, "x" * 2_000, "\t", " "]
        ),
    ),
    max_size=5,
)
words = st.one_of(
    st.sampled_from(["Hello", "=?utf-8?q?x?=", "你好 " * 30, "word " * 40, "a,b;c <d@e>"]),
    st.text(st.characters(min_codepoint=33, exclude_categories=["Cs", "Cc", "Z"]), min_size=1, max_size=60),
)


def lines_of(text: str) -> list[str]:
    return text.replace("\r\n", "\n").removesuffix("\n").split("\n")


@given(words, lines, st.one_of(st.none(), lines))
@example("Hi", ["--=_perennial_msg_1--", "after"], ["<p>--=_perennial_msg_1</p>"])
@example("Hi", [], None)
def test_what_was_to_be_said_reads_back(subject: str, text: list[str], html: list[str] | None) -> None:
    outgoing = Outgoing(
        message_id=MessageId("msg_1"),
        address="anna@example.com",
        sender=None,
        subject=subject,
        text="\n".join(text),
        html=None if html is None else "\n".join(html),
        written_at=NOON,
    )
    written = write_mail(outgoing, sender="店铺 <shop@example.com>", domain="example.com")
    assert written.isascii()
    assert max(map(len, written.split(b"\r\n"))) <= 998
    assert b"\n" not in written.replace(b"\r\n", b"")
    read = message_from_bytes(written, policy=default_policy)
    assert read.defects == []
    assert read["To"] == "anna@example.com"
    assert read["From"] == "店铺 <shop@example.com>"
    for kind, said in (("plain", text), ("html", html)):
        part = read.get_body((kind,))
        if said is None:
            assert part is None
        else:
            assert part is not None
            assert lines_of(part.get_content()) == lines_of("\n".join(said))


@given(
    st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=30).filter(
        lambda word: "=?" not in word
    )
)
def test_a_subject_of_one_plain_word_reads_back(word: str) -> None:
    outgoing = Outgoing(
        message_id=MessageId("msg_1"),
        address="anna@example.com",
        sender=None,
        subject=word,
        text="Hello",
        written_at=NOON,
    )
    written = write_mail(outgoing, sender="shop@example.com", domain="example.com")
    assert message_from_bytes(written, policy=default_policy)["Subject"] == word
