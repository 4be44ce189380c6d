"""Asking for a second person's yes, giving it, and going by it once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from perennial.access.approvals.model import LASTS, Approval, Change, Verdict
from perennial.access.approvals.ports import ApprovalStore
from perennial.access.roles import Actor, Permission
from perennial.kernel.clock import Clock
from perennial.kernel.errors import InvalidDocument, NotFound, Problem, Refused, nearest
from perennial.kernel.ids import mint_secret


class ApprovalAsked(Refused):
    """Somebody else has to say yes first; they were asked. Do the same again afterwards."""

    code = "approval_asked"


class ApprovalNotFound(NotFound):
    """Nothing like that waits for anybody."""

    code = "approval_not_found"


class NotYours(Refused):
    """This is for somebody else to decide."""

    code = "not_yours"


class Approvals:
    """The approvals of every workspace. A yes is to the very same change, and is used up by it."""

    def __init__(self, store: ApprovalStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def approval_rules(self, workspace: str) -> Sequence[str]:
        """The operations that need a second person in a workspace."""
        return sorted(self._store.rules(workspace))

    def set_approval_rules(
        self, workspace: str, operations: Collection[str], *, choices: Collection[str]
    ) -> Sequence[str]:
        """Say which of these choices do, from now on. Raises InvalidDocument."""
        problems = [
            Problem(
                path=f"$.operations[{index}]",
                code="unknown_operation",
                message=f"{one!r} cannot be put under approval.",
                hint=nearest(one, choices),
            )
            for index, one in enumerate(operations)
            if one not in choices
        ]
        if problems:
            raise InvalidDocument(problems)
        self._store.set_rules(workspace, frozenset(operations))
        return self.approval_rules(workspace)

    def require_approval(self, change: Change, *, by: Actor) -> None:
        """Go by a yes to exactly this change, or ask for one. Raises ApprovalAsked.

        The machine's own commands need none: who can read the data directory could not be held to it.
        """
        if by.kind == "machine" or change.operation not in self._store.rules(change.workspace):
            return
        now = self._clock.now()
        if self._store.use(change.workspace, change.digest, decided_since=now - LASTS, at=now):
            return
        asked = self._store.add(
            Approval(approval_id=mint_secret("apr_"), change=change, asked_by=by.id, asked_at=now)
        )
        raise ApprovalAsked(
            f"A second person has to approve this ({asked.approval_id}).",
            hint="Once they have, do exactly the same again.",
        )

    def list_approvals(self, workspace: str) -> Sequence[Approval]:
        """What was asked for within the last days, newest first."""
        return self._store.approvals(workspace, since=self._clock.now() - LASTS)

    def decide_approval(
        self,
        workspace: str,
        approval_id: str,
        verdict: Verdict,
        *,
        by: Actor,
        needs: Mapping[str, Permission],
    ) -> Approval:
        """Say yes or no to what somebody else wants. Raises ApprovalNotFound, NotYours.

        `needs` says what each operation needs: whoever may do it themselves may approve it, but for whoever
        asked; they may take it back.
        """
        found = self._store.find(workspace, approval_id)
        now = self._clock.now()
        if found is None or found.asked_at <= now - LASTS:
            raise ApprovalNotFound(hint="`perennial approval list` shows what waits.")
        is_own = by.kind != "machine" and by.id == found.asked_by
        needed = needs.get(found.change.operation)
        may_decide = by.kind != "token" and needed is not None and by.may(needed, workspace)
        if (is_own and verdict == "approved") or not (is_own or may_decide):
            raise NotYours(
                "Whoever asked cannot approve it themselves." if is_own else None,
                hint=f"Somebody else who may {needed}, signed in, can.",
            )
        if not self._store.decide(approval_id, verdict, by=by.id, at=now):
            raise ApprovalNotFound("There is a verdict already.", hint="Ask again by doing the same again.")
        return replace(found, verdict=verdict, decided_by=by.id, decided_at=now)
