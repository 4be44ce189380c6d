"""The command line: global options, the commands, and what a refusal prints."""

import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, cast

import typer

from perennial.cli.commands import (
    approval,
    audit,
    boards,
    channels,
    console,
    databases,
    debugger,
    definitions,
    demo,
    doctor,
    exports,
    identity,
    imports,
    insights,
    installation,
    mailbox,
    member,
    messages,
    people,
    persons,
    policies,
    rehearsals,
    rejects,
    retention,
    schema,
    segments,
    single_messages,
    sources,
    tags,
    work,
    workspaces,
)
from perennial.cli.connection import OpenHome, Place
from perennial.cli.installation import open_installation
from perennial.cli.refusals import Refusal, print_problem, problem_of
from perennial.cli.session import Session
from perennial.kernel.errors import PerennialError, telling_full_disk

REFUSED = 1
_JSON_OPTION = "--json"
_END_OF_OPTIONS = "--"

app = typer.Typer(
    name="perennial",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="User operations that close the loop: what happened, to whom, what now, and did it help?",
)
app.command("init")(installation.init_workspace)
app.command("serve")(installation.serve)
app.command("work")(work.work)
app.command("demo")(demo.run_demo)
app.command("console")(console.open_console)
app.command("today")(console.read_today)
app.command("doctor")(doctor.doctor)
app.command("debugger")(debugger.watch_calls)
app.command("mailbox")(mailbox.keep_mail)
for _name, _group in {
    "import": imports.imports,
    "export": exports.exports,
    "database-source": databases.sources,
    "database-export": databases.exports,
    "events": people.events,
    "people": persons.people,
    "segment": segments.segment,
    "tag": tags.tag,
    "insight": insights.insight,
    "board": boards.board,
    "template": definitions.template,
    "journey": rehearsals.journey,
    "messages": messages.messages,
    "rejects": rejects.rejects,
    "source": sources.source,
    "approval": approval.approval,
    "audit": audit.audit,
    "member": member.member,
    "token": member.token,
    "workspace": workspaces.workspace,
    "schema": schema.schema,
    "plan": schema.plan,
    "cleaning": schema.cleaning,
    "retention": retention.retention,
    "policy": policies.policy,
    "suppressions": single_messages.suppressions,
    "webhooks": single_messages.webhooks,
    "identity": identity.identity,
    "channels": channels.channels,
}.items():
    app.add_typer(_group, name=_name)


@app.callback()
def begin(
    context: typer.Context,
    home: Annotated[Path, typer.Option("--home", envvar="PERENNIAL_HOME", help="The data directory.")] = Path(
        "perennial-home"
    ),
    workspace: Annotated[str, typer.Option("--workspace", help="The workspace.")] = "default",
    events: Annotated[str | None, typer.Option("--events", metavar="URL", help="The event store.")] = None,
    state: Annotated[str | None, typer.Option("--state", metavar="URL", help="The state store.")] = None,
    as_json: Annotated[
        bool, typer.Option(_JSON_OPTION, help="Print one JSON document; may stand anywhere.")
    ] = False,
) -> None:
    """Every command works on one data directory and one workspace."""
    context.obj = Session(
        place=Place(home=home, workspace=workspace, events=events, state=state),
        as_json=as_json,
        open_home=cast(
            "OpenHome", context.obj or open_installation
        ),  # given by `main`; typer types it as Any
    )


def main(arguments: Sequence[str] | None = None, *, open_home: OpenHome = open_installation) -> int:
    """Run a command; the exit code: 0 done, 1 refused or failed, 2 wrong usage."""
    words = json_first(sys.argv[1:] if arguments is None else arguments)
    try:
        with telling_full_disk():
            app(args=words, prog_name="perennial", obj=open_home)
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else REFUSED
    except Refusal as refusal:
        print_problem(refusal.problem)
    except PerennialError as error:
        print_problem(problem_of(error))
    except BrokenPipeError:
        # Whoever read our output has seen enough; the interpreter must not complain when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception:  # noqa: BLE001  the last frame: whatever it is, the caller gets a problem document
        traceback.print_exc()
        print_problem({"code": "internal", "message": "Something went wrong on our side; see above."})
    return REFUSED


def json_first(words: Sequence[str]) -> list[str]:
    """The same words with `--json` in front, wherever it stood before a `--`."""
    end = words.index(_END_OF_OPTIONS) if _END_OF_OPTIONS in words else len(words)
    options = [word for word in words[:end] if word != _JSON_OPTION]
    flag = [_JSON_OPTION] if len(options) < end else []
    return [*flag, *options, *words[end:]]
