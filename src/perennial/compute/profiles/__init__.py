"""A profile is one person as we know them, merged from every device and name they used."""

from perennial.compute.profiles.cursor import InvalidCursor, cursor_after, read_cursor
from perennial.compute.profiles.people_port import People, Person
from perennial.compute.profiles.ports import Population, Quantities, Quantity
from perennial.compute.profiles.service import EVERYONE, PeoplePage, Profiles

__all__ = [
    "EVERYONE",
    "InvalidCursor",
    "People",
    "PeoplePage",
    "Person",
    "Population",
    "Profiles",
    "Quantities",
    "Quantity",
    "cursor_after",
    "read_cursor",
]
