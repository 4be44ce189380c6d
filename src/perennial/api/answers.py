"""What the product answers the edges with."""

from collections.abc import Sequence

Answer = object
"""A dataclass or a mapping whose fields are those of the response model it is shown through."""

Page = tuple[Sequence[Answer], str | None]
"""Rows, and the cursor from which the next page starts (None on the last)."""
