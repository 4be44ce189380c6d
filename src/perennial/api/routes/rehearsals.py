"""Rehearsals: the examples of a journey's file, and the recorded past."""

from collections.abc import Callable

import msgspec
from fastapi import APIRouter
from pydantic import JsonValue

from perennial.api.access import CaughtUp, EdgeHere, WorkspaceHere
from perennial.api.jobs import Advance, Job
from perennial.api.ports import Answer
from perennial.api.rehearsal_schemas import (
    BacktestAsked,
    BacktestJob,
    BacktestList,
    BacktestReport,
    JourneyDiff,
    JourneyTest,
    PlayList,
    PlayShown,
)
from perennial.api.routes.documents import DOCUMENT_BODY, DocumentText
from perennial.api.routes.instants import read_instant
from perennial.api.routes.paging import After, PageLimit
from perennial.api.schemas import ProblemDocument
from perennial.kernel.errors import NotFound
from perennial.kernel.ids import mint_secret
from perennial.runtime.exports import Watching
from perennial.runtime.rehearsing.service import BacktestOrder

router = APIRouter(prefix="/journeys", tags=["journeys"])


@router.post("/test", openapi_extra=DOCUMENT_BODY)
def test_journey(workspace: WorkspaceHere, text: DocumentText) -> JourneyTest:
    """Run the examples of a journey's file, by the real rules and on a clock of their own."""
    return JourneyTest.model_validate(workspace.test_journey(text))


@router.post("/diff", openapi_extra=DOCUMENT_BODY)
def diff_journey(workspace: CaughtUp, text: DocumentText) -> JourneyDiff:
    """What a draft changes of the newest version, in words in both languages, and whom it touches."""
    return JourneyDiff.model_validate(workspace.diff_journey(text))


@router.get("/playbook")
def list_plays(workspace: WorkspaceHere) -> PlayList:
    """The playbook: ready journeys that we ship."""
    return PlayList(plays=list(workspace.list_plays()))


@router.get("/playbook/{name}")
def show_play(workspace: WorkspaceHere, name: str) -> PlayShown:
    """A ready journey with its segments and templates, to be copied and changed."""
    return PlayShown.model_validate(workspace.show_play(name))


@router.post("/backtests", status_code=202)
def start_backtest(edge: EdgeHere, workspace: CaughtUp, asked: BacktestAsked) -> BacktestJob:
    """Begin to run a draft over a part of the recorded past; nothing live is touched, nothing is sent."""
    order = BacktestOrder(
        backtest_id=mint_secret("bt_"),
        text=_text(asked.journey),
        against=None if asked.against is None else _text(asked.against),
        start=read_instant(asked.start, "$.from", workspace),
        end=read_instant(asked.end, "$.to", workspace),
    )

    def work(advance: Advance, is_cancelled: Callable[[], bool]) -> Answer:
        return workspace.backtest_journey(
            order, watching=Watching(progress=advance, is_cancelled=is_cancelled)
        )

    return _shown(edge.backtests.start(workspace, order.backtest_id, work))


@router.get("/backtests")
def list_backtests(workspace: WorkspaceHere, limit: PageLimit = 100, after: After = None) -> BacktestList:
    """Backtests that are kept, the newest first."""
    rows, cursor = workspace.list_backtests(limit=limit, after=after)
    return BacktestList.model_validate({"backtests": rows, "next": cursor})


@router.get("/backtests/{backtest_id}")
def read_backtest(edge: EdgeHere, workspace: WorkspaceHere, backtest_id: str) -> BacktestJob:
    """How far a backtest has come, and its report; reports outlive the server."""
    try:
        return _shown(edge.backtests.find(workspace, backtest_id))
    except NotFound:
        report = BacktestReport.model_validate(workspace.show_backtest(backtest_id))
        return BacktestJob(id=backtest_id, state="done", taken=report.events, total=None, result=report)


@router.delete("/backtests/{backtest_id}")
def cancel_backtest(edge: EdgeHere, workspace: WorkspaceHere, backtest_id: str) -> BacktestJob:
    """Stop a backtest; nothing of it is kept."""
    job = edge.backtests.find(workspace, backtest_id)
    job.cancel()
    return _shown(job)


def _text(draft: JsonValue) -> str:
    return draft if isinstance(draft, str) else msgspec.json.encode(draft).decode()


def _shown(job: Job[object]) -> BacktestJob:
    failure, result = job.failure, job.result
    return BacktestJob(
        id=job.name,
        state=job.state,
        taken=job.read,
        total=job.total,
        result=BacktestReport.model_validate(result) if result else None,
        problem=ProblemDocument.model_validate(msgspec.json.decode(failure.body)) if failure else None,
    )
