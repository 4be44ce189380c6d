"""The declared schema of the stores, continued: the index that people are found by.

`tables` says what holds of all tables.
"""

from sqlalchemy import Index, func, literal_column

from perennial.backends.sql.tables import traits

MOST_FOLDED = 200
"""Letters of a value that are looked at: an index has no room for documents."""
folded = func.lower(func.substr(traits.c.value, literal_column("1"), literal_column(str(MOST_FOLDED))))
"""A trait's value as it is looked for: its JSON, in small letters as far as they are ASCII."""
TRAITS_BY_VALUE = Index("traits_by_value", traits.c.name, folded, traits.c.profile_id)
