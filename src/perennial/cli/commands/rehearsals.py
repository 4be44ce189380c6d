"""`journey test`, `backtest` and `why`: before a journey is live, and while it is."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, cast

import typer

from perennial.cli.commands.definitions import File
from perennial.cli.commands.journeys import JourneyName, journey
from perennial.cli.commands.people import After, Limit
from perennial.cli.connection import path_step
from perennial.cli.refusals import Refusal
from perennial.cli.session import about_file, read_text, session_of
from perennial.cli.watching import result_of, watch
from perennial.kernel.values import Json

_Ground = Mapping[str, Mapping[str, str]]


@journey.command("test")
def test_journey(context: typer.Context, file: File) -> None:
    """Run the examples of a journey's file; exit 1 where one does not come out as expected."""
    session = session_of(context)
    text = read_text(file)
    with session.connection() as connection, about_file(file):
        found = connection.post_text("/api/journeys/test", text)
        session.show(found)
        if not found["ok"]:
            message = f"{found['failed']} of the examples came out otherwise; each says where."
            raise Refusal({"code": "examples_failed", "message": message})


@journey.command("playbook")
def show_play(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Such as cart_winback; none lists them.")] = "",
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FOLDER", help="Write its files into this folder.")
    ] = None,
) -> None:
    """Show a ready journey that we ship, or write its files to be changed."""
    session = session_of(context)
    with session.connection() as connection:
        if not name:
            session.show(connection.get("/api/journeys/playbook"))
            return
        found = connection.get(f"/api/journeys/playbook/{path_step(name)}")
    if to is None:
        session.show(found)
        return
    files = _files(found)
    to.mkdir(parents=True, exist_ok=True)
    _check_absent([to / file for file in files])
    for file, text in files.items():
        (to / file).write_text(text, encoding="utf-8")
    session.show({"folder": str(to), "files": sorted(files)})


def _files(found: Mapping[str, Json]) -> dict[str, str]:
    texts = {"journey.yaml": str(found["journey"])}
    for kind in ("segment", "template"):
        for named, text in cast("Mapping[str, str]", found[f"{kind}s"]).items():
            texts[f"{kind}_{named}.yaml"] = text
    return texts


def _check_absent(files: Sequence[Path]) -> None:
    """What somebody changed is not written over."""
    there = next((file for file in files if file.exists()), None)
    if there is not None:
        message = f"{there} is there already."
        raise Refusal({"code": "file_exists", "message": message, "hint": "Name another folder."})


@journey.command("diff")
def diff_journey(context: typer.Context, file: File) -> None:
    """Say what a file changes of the published version, and how many people stand at each node of that."""
    session = session_of(context)
    text = read_text(file)
    with session.connection() as connection, about_file(file):
        found = connection.post_text("/api/journeys/diff", text)
        if session.as_json:
            session.show(found)
            return
        told = [one["reading"] for one in cast("Sequence[_Ground]", found["changes"])]
        about = {name: found[name] for name in ("journey", "version", "same", "active")}
        session.show(about | {language: [one[language] for one in told] for language in (told or [{}])[0]})


@journey.command("backtest")
def backtest_journey(
    context: typer.Context,
    file: File,
    start: Annotated[str, typer.Option("--from", metavar="ISO", help="Where the part of the past begins.")],
    end: Annotated[str, typer.Option("--to", metavar="ISO", help="Where it ends.")],
    against: Annotated[
        str | None, typer.Option("--against", metavar="FILE", help="Another draft, to compare with.")
    ] = None,
) -> None:
    """Run a draft over the recorded past: who would have come in, and what would have been sent."""
    session = session_of(context)
    asked: dict[str, Json] = {"journey": read_text(file), "from": start, "to": end}
    if against is not None:
        asked["against"] = read_text(against)
    with session.connection() as connection, about_file(file):
        job = connection.ask("/api/journeys/backtests", asked)
        path = f"/api/journeys/backtests/{path_step(str(job['id']))}"
        found = watch(connection, job, path, done="taken")
        session.show(result_of(found, stopped="The backtest was stopped.", hint="Nothing of it is kept."))


@journey.command("backtests")
def list_backtests(context: typer.Context, limit: Limit = 100, after: After = None) -> None:
    """List the backtests that are kept, the newest first."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.get("/api/journeys/backtests", limit=limit, after=after))


@journey.command("why")
def why_journey(
    context: typer.Context,
    journey_id: JourneyName,
    user: Annotated[str, typer.Option("--user", metavar="USER", help="A user id, or prf_….")],
    key: Annotated[str | None, typer.Option("--key", metavar="KEY", help="Only runs under this key.")] = None,
) -> None:
    """Say why a person did not enter, waits, was held, left, or got their arm; in both languages."""
    session = session_of(context)
    with session.connection() as connection:
        path = f"/api/journeys/{path_step(journey_id)}/why"
        found = connection.get(path, user=user, key=key)
        session.show(found if session.as_json else _reading(found))


def _reading(found: Mapping[str, Json]) -> Mapping[str, Json]:
    """What a person reads: sentences, not numbers."""
    runs = cast("Sequence[Mapping[str, Json]]", found["runs"])
    told = [found["entry"], *(run["grounds"] for run in runs), found["arm"]]
    readings = [one["reading"] for part in told for one in cast("Sequence[_Ground]", part)]
    languages = [*readings[0]] if readings else []
    return {"state": found["state"]} | {
        language: [reading[language] for reading in readings] for language in languages
    }
