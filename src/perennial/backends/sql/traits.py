"""Traits in SQL: what we were told, the latest call winning."""

from collections.abc import Mapping, Sequence

import msgspec
from sqlalchemy import Connection, select, tuple_

from perennial.backends.sql.columns import from_micros, to_micros
from perennial.backends.sql.engine import insert_into, portions
from perennial.backends.sql.tables import traits
from perennial.collect.identity.model import TraitTold
from perennial.kernel.ids import ProfileId
from perennial.kernel.values import Json, canonical

_TAKEN_AWAY = "null"


class SqlTraits:
    """What we were told about people (`Traits`)."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def tell(self, told: Sequence[TraitTold]) -> None:
        """Keep what identify calls said; an older call never overwrites a newer one.

        A trait that was taken away stays as null, so that an older call that comes late cannot bring it back.
        """
        if not told:
            return
        statement = insert_into(traits, self._connection)
        new = statement.excluded
        upsert = statement.on_conflict_do_update(
            index_elements=["profile_id", "name"],
            set_={"value": new.value, "occurred_at": new.occurred_at, "message_id": new.message_id},
            where=tuple_(new.occurred_at, new.message_id) > tuple_(traits.c.occurred_at, traits.c.message_id),
        )
        self._connection.execute(
            upsert,
            [
                {
                    "profile_id": each.profile_id,
                    "name": each.name,
                    "value": canonical(each.value).decode(),
                    "occurred_at": to_micros(each.occurred_at),
                    "message_id": each.message_id,
                }
                for each in told
            ],
        )

    def told(self, profile_ids: Sequence[ProfileId]) -> Mapping[ProfileId, Mapping[str, TraitTold]]:
        """Everything told of each profile, with when; traits that were taken away as null."""
        found: dict[ProfileId, dict[str, TraitTold]] = {profile_id: {} for profile_id in profile_ids}
        for portion in portions(list(found)):
            for row in self._connection.execute(select(traits).where(traits.c.profile_id.in_(portion))):
                profile_id = ProfileId(row.profile_id)
                found[profile_id][row.name] = TraitTold(
                    profile_id=profile_id,
                    name=row.name,
                    value=msgspec.json.decode(row.value),
                    occurred_at=from_micros(row.occurred_at),
                    message_id=row.message_id,
                )
        return found

    def of(self, profile_ids: Sequence[ProfileId]) -> Mapping[ProfileId, Mapping[str, Json]]:
        """The present traits of each profile; a profile without any has an empty mapping."""
        found: dict[ProfileId, dict[str, Json]] = {profile_id: {} for profile_id in profile_ids}
        for portion in portions(list(found)):
            query = select(traits.c.profile_id, traits.c.name, traits.c.value).where(
                traits.c.profile_id.in_(portion), traits.c.value != _TAKEN_AWAY
            )
            for profile_id, name, value in self._connection.execute(query):
                found[ProfileId(profile_id)][name] = msgspec.json.decode(value)
        return found
