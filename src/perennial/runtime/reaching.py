"""The use cases of a workspace about how people may be reached: the gate's policy, and what it would say."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from perennial.decide.journeys.model import CHANNELS, Channel, SendMessage
from perennial.decide.policies import parse_policy
from perennial.decide.policies.write import policy_document
from perennial.deliver.messages.forecast import Forecast
from perennial.deliver.messages.gate import Gate
from perennial.deliver.messages.rules import asked_for
from perennial.kernel.errors import InvalidDocument, Problem
from perennial.kernel.ids import EnrollmentId, JourneyId, MessageId, NodeId, ProfileId, TemplateId
from perennial.kernel.values import Json
from perennial.runtime.asking import Asking
from perennial.runtime.documents import with_lines
from perennial.runtime.schema import Knowing
from perennial.runtime.shown import Shown

_KIND = "policy"
_AT_ONCE = 5_000
"""People that are put to the gate at a time."""


class Reaching(Knowing, Asking):
    """A workspace as far as it says how often, when and whether at all people are reached."""

    def validate_policy(self, text: str) -> Sequence[Problem]:
        """Every mistake in a policy of the gate."""
        try:
            with_lines(text, _KIND, _parsed)
        except InvalidDocument as error:
            return error.problems
        return ()

    def publish_policy(self, text: str) -> Shown:
        """Make a policy the live one: whatever waits is judged by it before it goes."""
        return self._publish(_KIND, with_lines(text, _KIND, _parsed))

    def show_policy(self) -> Shown:
        """What the gate goes by: the live policy, or version 0, which holds until one is published."""
        with self._stages.state.read() as transaction:
            live = transaction.declarations.latest(_KIND)
            gate = self._stages.delivery.gate(transaction)
        document = policy_document(gate.policy)
        if live is None:
            return {"version": 0, "created_at": None, "document": document}
        return {"version": live.version, "created_at": live.created_at, "document": document}

    def forecast_policy(
        self,
        condition: Json,
        *,
        channel: Channel = "email",
        topic: str = "marketing",
        at: datetime | None = None,
    ) -> Mapping[str, object]:
        """How many of the people who meet a condition the gate would let through, hold or drop, and why.

        No condition is everyone. `at`: were it then, with what is known and waits now. Nothing is written.
        """
        moment = self._at(None)
        with self._stages.state.read() as transaction:
            resolved = self._resolved(condition, transaction, moment)
        (members,) = self._stages.population.members([resolved], at=moment)
        now = at or moment.as_of
        asked = asked_for(_wish(channel, topic, now), template_version=0, now=now)
        forecast = Forecast()
        with self._stages.state.read() as transaction:
            gate: Gate = self._stages.delivery.gate(transaction)
            for start in range(0, len(members), _AT_ONCE):
                chunk = [ProfileId(int(one)) for one in members[start : start + _AT_ONCE]]
                forecast.add(transaction, chunk, asked, gate, now=now)
        return {
            "people": forecast.people,
            "counts": forecast.counts,
            "held": dict(forecast.held),
            "dropped": dict(forecast.dropped),
            "held_from": forecast.held_from,
            "held_until": forecast.held_until,
            "as_of": now,
        }


def _parsed(document: Json) -> Mapping[str, Json]:
    return parse_policy(document, channels=CHANNELS).document


def _wish(channel: Channel, topic: str, now: datetime) -> SendMessage:
    """A message that nobody asked for: what the gate is asked about."""
    return SendMessage(
        message_id=MessageId("forecast"),
        cause="forecast",
        enrollment_id=EnrollmentId(""),
        journey_id=JourneyId(""),
        version=0,
        node=NodeId(""),
        arm="treated",
        profile_id=ProfileId(0),
        channel=channel,
        template_id=TemplateId(""),
        topic=topic,
        priority=50,
        created_at=now,
        expires_at=None,
        over_cap="hold",
        withheld=False,
    )
