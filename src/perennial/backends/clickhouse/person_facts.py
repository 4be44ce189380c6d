"""What the log says of one person besides their rows one by one."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from perennial.backends.clickhouse.overrides import profiles_of
from perennial.backends.clickhouse.parameters import Parameter
from perennial.backends.clickhouse.statements import statement
from perennial.backends.clickhouse.transport import Transport
from perennial.compute.profiles.facts import Activity
from perennial.kernel.ids import ProfileId


class ClickHousePersonFacts:
    """`compute.profiles.facts.PersonFacts` on a ClickHouse of any kind."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def sources_of(self, profile_id: ProfileId, message_ids: Sequence[str]) -> Mapping[str, str]:
        """Which source each of these identify calls came from; calls that are not in the log are absent."""
        if not message_ids:
            return {}
        messages = Parameter(type="Array(String)", value=[*message_ids])
        asked = {"profiles": self._profiles(profile_id), "messages": messages}
        found = self._transport.query(statement("told_by"), asked).to_pylist()
        return {str(row["message_id"]): str(row["source"]) for row in found}

    def activity_of(self, profile_id: ProfileId, *, until: datetime, limit: int) -> Sequence[Activity]:
        """What the person did how often, the most frequent first."""
        asked = {
            "profiles": self._profiles(profile_id),
            "until": Parameter(type="DateTime64(6, 'UTC')", value=until),
            "limit": Parameter(type="UInt64", value=limit),
        }
        found = self._transport.query(statement("activity_of"), asked).to_pylist()
        return [Activity(**row) for row in found]

    def _profiles(self, profile_id: ProfileId) -> Parameter:
        profiles = profiles_of(self._transport, [profile_id])[profile_id]
        return Parameter(type="Array(UInt64)", value=[*profiles])
