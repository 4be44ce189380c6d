"""What touches people at once waits until somebody has said yes."""

from perennial.kernel.errors import Refused


class ApprovalNeeded(Refused):
    """Publishing this touches people at once: somebody has to say yes."""

    code = "approval_needed"


def entering_now(people: int) -> ApprovalNeeded:
    """The refusal of a journey that would take so many people in as soon as it is published."""
    return ApprovalNeeded(
        f"{people} people are in the segment now and would come in at once.",
        hint="Publish with --approve to let them in, or leave `include_current` out.",
        path="$.entry.on.include_current",
    )
