"""Where a page of people ended, as an opaque text that a client hands back."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64

from perennial.compute.profiles.people_port import Person
from perennial.kernel.errors import PerennialError
from perennial.kernel.ids import ProfileId, UserId


class InvalidCursor(PerennialError):
    """This is not a cursor that a page of people ended with."""

    code = "invalid_cursor"


def cursor_after(person: Person) -> str:
    """The cursor that continues after a person."""
    return urlsafe_b64encode(json.dumps([person.profile_id, person.user_id]).encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> Person:
    """The person a cursor continues after. Raises `InvalidCursor`."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        match json.loads(urlsafe_b64decode(padded)):
            case [int(profile_id), None | str() as user_id] if 0 <= profile_id < 2**64:
                return _person(profile_id, user_id)
            case _:
                pass
    except (NotBase64, ValueError):
        pass
    raise InvalidCursor(hint="Hand back `next` of the page before, unchanged.", path="$.after")


def _person(profile_id: int, user_id: str | None) -> Person:
    return Person(profile_id=ProfileId(profile_id), user_id=None if user_id is None else UserId(user_id))
