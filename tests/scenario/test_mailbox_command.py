"""`perennial mailbox`: a mail server that is started, written to and stopped like any other program."""

import json
import re
import signal
import smtplib
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

import pytest

SECONDS = 30


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "perennial", "mailbox", *words]


@contextmanager
def running(file: Path) -> Generator[tuple["subprocess.Popen[str]", int]]:
    """A mailbox on a free port, ready; killed where the test did not stop it."""
    line = command("--port", "0", "--file", str(file), "--seconds", str(SECONDS))
    with subprocess.Popen(line, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        ready = process.stderr.readline()
        found = re.search(r"smtp://127\.0\.0\.1:(\d+)", ready)
        try:
            assert found, ready
            yield process, int(found[1])
        finally:
            process.kill()


def a_mail(subject: str) -> EmailMessage:
    mail = EmailMessage()
    mail["Message-ID"], mail["Subject"] = "<m-1@example.com>", subject
    mail["From"], mail["To"] = "shop@example.com", "li@example.com"
    mail["Date"] = "Sun, 01 Mar 2026 12:00:00 +0000"
    mail.set_content("您好 Li.\n")
    mail.add_alternative("<p>您好 Li.</p>", subtype="html")
    return mail


def test_each_mail_is_a_line_of_json_as_soon_as_it_was_taken(tmp_path: Path) -> None:
    file = tmp_path / "mailbox.jsonl"
    with running(file) as (process, port):
        with smtplib.SMTP("127.0.0.1", port, timeout=SECONDS) as client:
            client.send_message(a_mail("欢迎"))
            first = file.read_text("utf-8")
            client.send_message(a_mail("again"))
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) == 0
        assert process.stdout is not None
        assert process.stdout.read() == ""

    assert json.loads(first) == {
        "message_id": "<m-1@example.com>",
        "from": "shop@example.com",
        "to": ["li@example.com"],
        "subject": "欢迎",
        "date": "Sun, 01 Mar 2026 12:00:00 +0000",
        "text": "您好 Li.\r\n",
    }
    assert [json.loads(line)["subject"] for line in file.read_text("utf-8").splitlines()] == ["欢迎", "again"]


def test_a_mail_that_cannot_be_written_down_is_asked_for_again(tmp_path: Path) -> None:
    file = tmp_path / "mailbox.jsonl"
    with running(file) as (_, port):
        file.unlink()
        file.mkdir()
        with (
            smtplib.SMTP("127.0.0.1", port, timeout=SECONDS) as client,
            pytest.raises(smtplib.SMTPDataError) as refused,
        ):
            client.send_message(a_mail("lost?"))
    assert refused.value.smtp_code == 451


def test_it_stops_by_itself_after_its_seconds(tmp_path: Path) -> None:
    line = command("--port", "0", "--file", str(tmp_path / "m.jsonl"), "--seconds", "0.1")
    done = subprocess.run(line, timeout=SECONDS, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_a_taken_port_and_a_missing_folder_are_refused_in_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        for words in (
            ("--port", port, "--file", str(tmp_path / "m.jsonl")),
            ("--port", "0", "--file", str(tmp_path / "nowhere" / "m.jsonl")),
        ):
            done = subprocess.run(
                command(*words, "--seconds", "5"),
                timeout=SECONDS,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 1
            assert json.loads(done.stderr.splitlines()[-1])["code"] == "mailbox_failed"
