"""Single messages: ordered by a call, retried, reported on; templates tried; addresses that get nothing."""

from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Request
from starlette.concurrency import run_in_threadpool

from perennial.api.access import CaughtUp, WorkspaceHere
from perennial.api.message_schemas import (
    ConsentWanted,
    MessageOrdered,
    MessageReported,
    MessageTaken,
    PreviewWanted,
    ReportTaken,
    Retried,
    RetryAsked,
    SuppressionRemoved,
    Suppressions,
    SuppressionsImported,
    TemplatePreview,
    TemplateTried,
    TryWanted,
    WebhookSecret,
)
from perennial.api.routes.documents import DocumentText
from perennial.api.routes.paging import After, PageLimit
from perennial.deliver.messages.orders import ORDERED_PRIORITY, MessageWish
from perennial.kernel.errors import InvalidDocument, Problem
from perennial.kernel.ids import TemplateId
from perennial.kernel.windows import parse_duration

router = APIRouter()
_OCTETS = {"schema": {"type": "string", "format": "binary"}}
_MAIL = {"requestBody": {"required": True, "content": {"application/octet-stream": _OCTETS}}}
_CSV = {"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}}
TemplateName = Annotated[str, Path(max_length=64)]


@router.post("/messages", tags=["messages"])
def send_message(
    workspace: CaughtUp,
    order: MessageOrdered,
    idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
) -> MessageTaken:
    """Send one message to one person, once per idempotency key, however often it is asked for."""
    span = parse_duration(order.expires) if order.expires is not None else None
    if order.expires is not None and span is None:
        message = f"{order.expires!r} is no span."
        problem = Problem(path="$.expires", code="bad_span", message=message, hint="Write `1h`.")
        raise InvalidDocument([problem])
    wish = MessageWish(
        key=order.key or idempotency_key or "",
        user=order.user_id,
        template_id=TemplateId(order.template),
        channel=order.channel,
        topic=order.topic,
        variables=order.variables,
        priority=ORDERED_PRIORITY if order.priority is None else order.priority,
        expires_in=span,
    )
    answer = workspace.send_message(wish)
    return MessageTaken.model_validate(answer)


@router.post("/people/{user_id:path}/ask-consent", tags=["messages"])
def ask_consent(workspace: CaughtUp, user_id: str, wanted: ConsentWanted) -> MessageTaken:
    """Ask a person by mail to confirm a consent (double opt-in), at most once a day."""
    answer = workspace.ask_consent(user_id, consent=wanted.consent, template=wanted.template)
    return MessageTaken.model_validate(answer)


@router.post("/messages/retry", tags=["messages"])
def retry_messages(workspace: WorkspaceHere, asked: RetryAsked) -> Retried:
    """Put failed and unknown messages back into the queue; an unknown one may arrive a second time."""
    return Retried.model_validate(workspace.retry_messages(asked.messages))


@router.get("/webhooks/secret", tags=["messages"])
def show_webhook_secret(workspace: WorkspaceHere) -> WebhookSecret:
    """What receivers verify this workspace's webhooks with (Standard Webhooks, version 1)."""
    return WebhookSecret.model_validate(workspace.show_webhook_secret())


@router.post("/messages/report", tags=["messages"])
def report_message(workspace: WorkspaceHere, report: MessageReported) -> ReportTaken:
    """Tell what became of a message later: `delivered`, `delayed`, `bounced` or `complained`."""
    return ReportTaken.model_validate(workspace.report_message(report.model_dump()))


@router.post("/messages/report-mail", tags=["messages"], openapi_extra=_MAIL)
async def report_mail(workspace: WorkspaceHere, request: Request) -> ReportTaken:
    """Hand in a delivery status (RFC 3464) or a complaint (RFC 5965) as it came by mail."""
    octets = await request.body()
    return ReportTaken.model_validate(await run_in_threadpool(workspace.report_mail, octets))


@router.post("/templates/{template_id}/preview", tags=["templates"])
def preview_template(
    workspace: CaughtUp, template_id: TemplateName, wanted: PreviewWanted
) -> TemplatePreview:
    """What a template says to a real person, without sending anything."""
    return TemplatePreview.model_validate(
        workspace.preview_template(
            template_id, user=wanted.user_id, locale=wanted.locale, variables=wanted.variables
        )
    )


@router.post("/templates/{template_id}/try", tags=["templates"])
def try_template(workspace: CaughtUp, template_id: TemplateName, wanted: TryWanted) -> TemplateTried:
    """Send what a template says to a person to addresses of one's own, at once, past gate and outbox."""
    answer = workspace.try_template(
        template_id, user=wanted.user_id, to=wanted.to, locale=wanted.locale, variables=wanted.variables
    )
    return TemplateTried.model_validate(answer)


@router.get("/suppressions", tags=["messages"])
def list_suppressions(workspace: CaughtUp, limit: PageLimit = 100, after: After = None) -> Suppressions:
    """Addresses that get nothing, with why and since when, by address."""
    rows, cursor = workspace.list_suppressions(channel="email", limit=limit, after=after)
    return Suppressions.model_validate({"suppressions": rows, "next": cursor})


@router.post("/suppressions", tags=["messages"], openapi_extra=_CSV)
def import_suppressions(workspace: WorkspaceHere, text: DocumentText) -> SuppressionsImported:
    """Suppress the addresses of a CSV with the columns `address` and, if wanted, `reason`: all or none."""
    return SuppressionsImported.model_validate(workspace.import_suppressions(text, channel="email"))


@router.delete("/suppressions", tags=["messages"])
def remove_suppression(
    workspace: WorkspaceHere, address: Annotated[str, Query(max_length=254)]
) -> SuppressionRemoved:
    """Let an address get messages again."""
    return SuppressionRemoved.model_validate(workspace.remove_suppression(address, channel="email"))
