"""The use cases of a workspace about who people are: what joined them, what may, and what was wrong."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from perennial.collect.identity.key_parse import parse_keys
from perennial.collect.identity.model import Identifier, Known, Learned, Merge, Quarantine, Refusal
from perennial.collect.screening.service import publish
from perennial.kernel.errors import InvalidDocument, NotFound, Problem, Refused
from perennial.kernel.ids import ProfileId, parse_profile, profile_text
from perennial.kernel.values import Json
from perennial.runtime.documents import with_lines
from perennial.runtime.glances import Glance
from perennial.runtime.parting import part_people
from perennial.runtime.persons import NobodyKnown, profile_named
from perennial.runtime.ports import StateTransaction
from perennial.runtime.schema import Knowing, NothingDeclared
from perennial.runtime.shown import Page, Shown


class Identifying(Knowing):
    """A workspace as far as it says who people are."""

    def show_identity(self, user_id: str) -> Glance:
        """Everything recorded of who a person is, by user id or `prf_…`."""
        with self._stages.state.read() as transaction:
            return self._identity(user_id, transaction)

    def unmerge_people(self, profile: str) -> Glance:
        """Make a merged profile (`prf_…`) one of its own again; every answer is right when this returns."""
        lost = parse_profile(profile)
        if lost is None:
            raise Refused(
                f"{profile!r} is no profile.", hint="A merge names the profile that was lost: prf_…"
            )
        with self._processor.turn:
            part_people(self._stages, lost, now=self._now())
        return self.show_identity(profile)

    def list_quarantined(self, *, limit: int = 100, after: str | None = None) -> Page:
        """Names that were seen with too many people, by kind and value."""
        kind, _, value = (after or "").partition(":")
        with self._stages.state.read() as transaction:
            found = transaction.identities.quarantined(
                limit=limit + 1, after=Identifier(kind, value) if after else None
            )
        page = found[:limit]
        following = ":".join(page[-1].name) if len(found) > limit else None
        return Page([_quarantine(one) for one in page], following)

    def release_quarantined(self, kind: str, value: str) -> Shown:
        """Let a name join people again; whom it is seen with is counted anew."""
        with self._stages.state.begin() as transaction:
            if not transaction.identities.release(Identifier(kind, value)):
                raise NotFound(
                    f"The {kind} {value!r} is not quarantined.",
                    hint="`perennial identity quarantined` lists those that are.",
                )
        return {"kind": kind, "value": value}

    def validate_identity(self, text: str) -> Sequence[Problem]:
        """Every mistake in rules of identity."""
        try:
            with_lines(text, "identity", parse_keys)
        except InvalidDocument as error:
            return error.problems
        return ()

    def publish_identity(self, text: str) -> Shown:
        """Make rules of identity the live ones: calls are read by them from the next batch on."""
        rules = with_lines(text, "identity", parse_keys)
        with self._stages.state.begin() as transaction:
            declared = publish("identity", rules.document, transaction, now=self._now())
        return _declaration(declared.version, declared.document, created_at=declared.created_at)

    def show_identity_rules(self) -> Shown:
        """The live rules of identity."""
        with self._stages.state.read() as transaction:
            live = transaction.declarations.latest("identity")
        if live is None:
            raise NothingDeclared(hint="`perennial identity publish FILE` declares some.")
        return _declaration(live.version, live.document, created_at=live.created_at)

    def _identity(self, user_id: str, transaction: StateTransaction) -> Glance:
        known = transaction.identities.known(profile_named(user_id, transaction))
        if known is None:
            raise NobodyKnown(f"Nobody goes by {user_id!r}.")
        return _known(known)


def _declaration(version: int, document: Mapping[str, Json], *, created_at: datetime) -> Shown:
    return {"version": version, "document": dict(document), "created_at": created_at}


def _known(known: Known) -> Glance:
    return {
        "profile_id": profile_text(known.profile_id),
        "user_id": known.user_id,
        "names": [{**_name(name), **_learned(learned)} for name, learned in known.names],
        "merges": [_merge(one) for one in known.merges],
        "refused": [_refusal(one, known.profile_id) for one in known.refusals],
        "quarantined": [_quarantine(one) for one in known.quarantined],
        "unmerged": [
            {
                "profile_id": profile_text(one.lost),
                "kept": profile_text(one.kept),
                "reason": one.merge.reason,
                "merged_at": one.merge.merged_at,
                "message_id": one.merge.cause,
                "undone_at": one.undone_at,
            }
            for one in known.unmerges
        ],
    }


def _name(name: Identifier) -> dict[str, str]:
    return {"kind": name.kind, "value": name.value}


def _learned(learned: Learned) -> dict[str, str | datetime]:
    return {"since": learned.at, "message_id": learned.cause}


def _merge(merge: Merge) -> Shown:
    return {
        "profile_id": profile_text(merge.lost),
        "kept": profile_text(merge.kept),
        "reason": merge.reason,
        "merged_at": merge.merged_at,
        "message_id": merge.cause,
    }


def _refusal(refusal: Refusal, asked: ProfileId) -> Shown:
    """What was refused, from the side of the person asked about."""
    other = refusal.other if refusal.profile_id == asked else refusal.profile_id
    return {
        **_name(refusal.name),
        "reason": refusal.reason,
        "other": None if other is None else profile_text(other),
        **_learned(refusal.learned),
    }


def _quarantine(held: Quarantine) -> Shown:
    return {**_name(held.name), "people": held.people, **_learned(held.learned)}
