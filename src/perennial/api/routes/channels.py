"""How people come here: channels, codes, costs, and what each channel brought."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query

from perennial.api.access import CaughtUp, WorkspaceHere
from perennial.api.channel_schemas import (
    ChannelList,
    ChannelOrder,
    ChannelReport,
    ChannelShown,
    CodeList,
    CodeOrder,
    CodeShown,
    CostFile,
    CostOrder,
    CostsKept,
    DayCosts,
    QrCode,
    qr_code,
)
from perennial.api.routes.redirects import place_of_codes

router = APIRouter(tags=["channels"])

_First = Annotated[date, Query(alias="from", description="The first local day.")]
_Last = Annotated[date, Query(alias="to", description="The last local day, included.")]


@router.get("/channels")
def list_channels(workspace: WorkspaceHere) -> ChannelList:
    """Every channel, by id."""
    return ChannelList.model_validate({"channels": workspace.list_channels()})


@router.get("/channels/report")
def report_channels(workspace: CaughtUp, first: _First, last: _Last) -> ChannelReport:
    """What each channel brought in some days: clicks, new people by first touch, costs, and costs of each."""
    return ChannelReport.model_validate({"channels": workspace.report_channels(first=first, last=last)})


@router.put("/channels/{channel_id}")
def save_channel(workspace: WorkspaceHere, channel_id: str, order: ChannelOrder) -> ChannelShown:
    """Declare a channel, or say otherwise of it."""
    return ChannelShown.model_validate(workspace.save_channel(order.channel(channel_id)))


@router.get("/channel-codes")
def list_codes(workspace: WorkspaceHere) -> CodeList:
    """Every code, by its text."""
    return CodeList.model_validate({"codes": workspace.list_codes()})


@router.put("/channel-codes/{code}")
def save_code(workspace: WorkspaceHere, code: str, order: CodeOrder) -> CodeShown:
    """Declare a code, or say otherwise of it."""
    return CodeShown.model_validate(workspace.save_code(order.declared(code)))


@router.get("/channel-codes/{code}/qr")
def draw_code(
    workspace: WorkspaceHere,
    code: str,
    base: Annotated[
        str, Query(max_length=200, pattern=r"^https?://[!-~]+$", description="This server, from outside.")
    ],
    form: Annotated[Literal["svg", "png"], Query(alias="format")] = "svg",
    scale: Annotated[int, Query(ge=1, le=40, description="Pixels, or units, of a module.")] = 8,
) -> QrCode:
    """A code as a QR code, to be printed."""
    address = base.rstrip("/") + place_of_codes(workspace.name)
    image = workspace.draw_code(code, address=address, form=form, scale=scale)
    return qr_code(f"{address}/{code}", form, image)


@router.post("/channel-costs")
def save_cost(workspace: WorkspaceHere, order: CostOrder) -> CostsKept:
    """Say what a channel cost in some days; the same days of it are said anew."""
    return CostsKept.model_validate(workspace.save_cost(order.cost()))


@router.post("/channel-costs/import")
def import_costs(workspace: WorkspaceHere, file: CostFile) -> CostsKept:
    """Keep the costs of a file, all or nothing; the same file again changes nothing."""
    return CostsKept.model_validate(workspace.import_costs(file.text, file.format))


@router.get("/channel-costs")
def list_costs(workspace: WorkspaceHere, first: _First, last: _Last) -> DayCosts:
    """What each channel cost on each day."""
    return DayCosts.model_validate({"costs": workspace.list_costs(first=first, last=last)})
