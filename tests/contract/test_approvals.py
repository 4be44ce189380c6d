"""Approvals in the root store of either engine."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from tests.services.state import OpenStore

from perennial.access.approvals import Approval, ApprovalAsked, Approvals, Change
from perennial.access.approvals.model import LASTS
from perennial.access.roles import PERMISSIONS_OF, Actor
from perennial.backends.sql.approvals import SqlApprovals
from perennial.backends.sql.member_tables import approvals as table
from perennial.kernel.clock import VirtualClock

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
MEI, LI = (
    Actor(kind="member", id=name, allowed={"shop": PERMISSIONS_OF["operator"]}) for name in ("mei", "li")
)
CHANGE = Change(workspace="shop", operation="publish_journey", target="", sent="长青", digest="d1")


@pytest.fixture
def approvals(open_new: OpenStore) -> Approvals:
    found = Approvals(SqlApprovals(open_new("root")), VirtualClock(NOON))
    found.set_approval_rules("shop", ["publish_journey"], choices=["publish_journey"])
    return found


def test_a_change_is_asked_for_once_approved_once_and_done_once(approvals: Approvals) -> None:
    for _ in range(2):
        with pytest.raises(ApprovalAsked):
            approvals.require_approval(CHANGE, by=MEI)
    (asked,) = approvals.list_approvals("shop")
    assert asked == Approval(approval_id=asked.approval_id, change=CHANGE, asked_by="mei", asked_at=NOON)
    approvals.decide_approval(
        "shop", asked.approval_id, "approved", by=LI, needs={"publish_journey": "publish"}
    )
    approvals.require_approval(CHANGE, by=MEI)
    (used,) = approvals.list_approvals("shop")
    assert (used.verdict, used.decided_by, used.used_at) == ("approved", "li", NOON)
    with pytest.raises(ApprovalAsked):
        approvals.require_approval(CHANGE, by=MEI)


def test_what_was_sent_is_gone_once_nobody_can_go_by_it(open_new: OpenStore, approvals: Approvals) -> None:
    with pytest.raises(ApprovalAsked):
        approvals.require_approval(CHANGE, by=MEI)
    engine = open_new("root")
    much_later = Approvals(SqlApprovals(engine), VirtualClock(NOON + 2 * LASTS))
    with pytest.raises(ApprovalAsked):
        much_later.require_approval(replace(CHANGE, sent="other", digest="d2"), by=MEI)
    with engine.connect() as connection:
        assert connection.execute(select(table.c.sent)).scalars().all() == ["other"]


def test_rules_are_of_one_workspace(approvals: Approvals) -> None:
    assert list(approvals.approval_rules("shop")) == ["publish_journey"]
    assert list(approvals.approval_rules("other")) == []
    assert list(approvals.set_approval_rules("shop", [], choices=[])) == []
    approvals.require_approval(CHANGE, by=MEI)


def test_what_was_asked_long_ago_is_not_shown(open_new: OpenStore, approvals: Approvals) -> None:
    with pytest.raises(ApprovalAsked):
        approvals.require_approval(CHANGE, by=MEI)
    later = Approvals(SqlApprovals(open_new("root")), VirtualClock(NOON + timedelta(days=7)))
    assert list(later.list_approvals("shop")) == []
