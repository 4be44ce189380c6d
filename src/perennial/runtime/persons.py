"""Who is meant by an id that somebody writes."""

from perennial.kernel.errors import NotFound
from perennial.kernel.ids import ProfileId, UserId, parse_profile
from perennial.runtime.ports import StateTransaction


class NobodyKnown(NotFound):
    """No person goes by this id."""

    code = "unknown_person"


def profile_named(user_id: str, transaction: StateTransaction) -> ProfileId:
    """Whose a user id or `prf_…` is today. Raises NobodyKnown."""
    found = transaction.people.find(UserId(user_id))
    if found is not None:
        return found
    told = parse_profile(user_id)
    if told is not None and told in transaction.identities.graph([], [told]).taken:
        return transaction.identities.merged([told]).get(told, told)
    raise NobodyKnown(f"Nobody goes by {user_id!r}.", hint="Name a user id, or a profile as prf_…")
