"""`messages send`, `retry`, `report`, `template preview`, `try`, `suppressions`: one message at a time."""

import json
from pathlib import Path
from typing import Annotated

import typer

from perennial.cli.commands.definitions import template
from perennial.cli.commands.messages import messages
from perennial.cli.commands.people import After, Limit, people
from perennial.cli.commands.privacy import UserId
from perennial.cli.connection import path_step
from perennial.cli.session import session_of
from perennial.kernel.errors import InvalidDocument, Problem
from perennial.kernel.values import Json

suppressions = typer.Typer(no_args_is_help=True, help="Addresses that get nothing.")
webhooks = typer.Typer(no_args_is_help=True, help="Messages to programs.")

User = Annotated[str, typer.Option("--user", metavar="USER_ID", help="The person.")]
Variables = Annotated[
    str | None, typer.Option("--variables", metavar="JSON", help="What the template may show as `variables`.")
]
Locale = Annotated[str | None, typer.Option("--locale", metavar="TAG", help="In this language instead.")]
TemplateId = Annotated[str, typer.Argument(metavar="TEMPLATE")]
Files = Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, readable=True)]


@messages.command("send")
def send_message(
    context: typer.Context,
    template_id: TemplateId,
    user: User,
    key: Annotated[
        str, typer.Option("--key", metavar="KEY", help="Your own name of it: the same is sent once.")
    ],
    topic: Annotated[str, typer.Option("--topic", metavar="TOPIC")] = "transactional",
    variables: Variables = None,
    expires: Annotated[str | None, typer.Option("--expires", metavar="SPAN", help="Such as 1h.")] = None,
) -> None:
    """Send one message to one person, once."""
    session = session_of(context)
    order: dict[str, Json] = {
        "template": template_id,
        "user_id": user,
        "key": key,
        "topic": topic,
        "variables": _read(variables),
        "expires": expires,
    }
    with session.connection() as connection:
        session.show(connection.post("/api/messages", order))


@people.command("ask-consent")
def ask_consent(
    context: typer.Context,
    user_id: UserId,
    consent: Annotated[str, typer.Option("--consent", metavar="CHANNEL/TOPIC")],
    template_id: Annotated[
        str, typer.Option("--template", metavar="TEMPLATE", help="Shows variables.confirm_url.")
    ],
) -> None:
    """Ask a person by mail to confirm a consent (double opt-in)."""
    session = session_of(context)
    wanted: dict[str, Json] = {"consent": consent, "template": template_id}
    with session.connection() as connection:
        session.show(connection.post(f"/api/people/{path_step(user_id)}/ask-consent", wanted))


@messages.command("retry")
def retry_messages(context: typer.Context, message_ids: Annotated[list[str], typer.Argument()]) -> None:
    """Put failed and unknown messages back into the queue; an unknown one may arrive a second time."""
    session = session_of(context)
    asked: dict[str, Json] = {"messages": [*message_ids]}
    with session.connection() as connection:
        session.show(connection.post("/api/messages/retry", asked))


@messages.command("report")
def report_message(
    context: typer.Context,
    message_id: Annotated[str, typer.Argument(metavar="MESSAGE")],
    kind: Annotated[str, typer.Argument(metavar="KIND", help="delivered, delayed, bounced, complained")],
    status: Annotated[str, typer.Option("--status", metavar="CODE", help="Such as 5.1.1.")] = "",
) -> None:
    """Tell what became of a message after its provider took it."""
    session = session_of(context)
    report: dict[str, Json] = {"message": message_id, "kind": kind, "status": status}
    with session.connection() as connection:
        session.show(connection.post("/api/messages/report", report))


@messages.command("report-mail")
def report_mail(context: typer.Context, files: Files) -> None:
    """Hand in delivery statuses and complaints as they came by mail, a file each."""
    session = session_of(context)
    with session.connection() as connection:
        taken: list[Json] = [
            {**connection.post_text("/api/messages/report-mail", file.read_text("latin-1"))} for file in files
        ]
    session.show({"reports": taken})


@webhooks.command("secret")
def show_webhook_secret(context: typer.Context) -> None:
    """Show what receivers verify this workspace's webhooks with."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.get("/api/webhooks/secret"))


@template.command("preview")
def preview_template(
    context: typer.Context,
    template_id: TemplateId,
    user: User,
    locale: Locale = None,
    variables: Variables = None,
) -> None:
    """Show what a template says to a real person; nothing is sent."""
    session = session_of(context)
    wanted: dict[str, Json] = {"user_id": user, "locale": locale, "variables": _read(variables)}
    with session.connection() as connection:
        session.show(connection.ask(f"/api/templates/{template_id}/preview", wanted))


@template.command("try")
def try_template(
    context: typer.Context,
    template_id: TemplateId,
    user: User,
    to: Annotated[list[str], typer.Option("--to", metavar="ADDRESS", help="Where it goes instead.")],
    locale: Locale = None,
    variables: Variables = None,
) -> None:
    """Send what a template says to a person to addresses of your own."""
    session = session_of(context)
    wanted: dict[str, Json] = {"user_id": user, "to": [*to], "locale": locale, "variables": _read(variables)}
    with session.connection() as connection:
        session.show(connection.post(f"/api/templates/{template_id}/try", wanted))


@suppressions.command("list")
def list_suppressions(context: typer.Context, limit: Limit = 100, after: After = None) -> None:
    """List addresses that get nothing, with why and since when."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.get("/api/suppressions", limit=limit, after=after))


@suppressions.command("import")
def import_suppressions(
    context: typer.Context, file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]
) -> None:
    """Suppress the addresses of a CSV file with the columns `address` and, if wanted, `reason`."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.post_text("/api/suppressions", file.read_text("utf-8-sig")))


@suppressions.command("remove")
def remove_suppression(
    context: typer.Context, address: Annotated[str, typer.Argument(metavar="ADDRESS")]
) -> None:
    """Let an address get messages again."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.delete("/api/suppressions", address=address))


def _read(variables: str | None) -> Json:
    if variables is None:
        return {}
    try:
        found: Json = json.loads(variables)
    except ValueError:
        message = "What --variables says is no JSON."
        hint = 'Write --variables \'{"order": "4711"}\'.'
        raise InvalidDocument(
            [Problem(path="$.variables", code="syntax", message=message, hint=hint)]
        ) from None
    return found
