"""The part of chDB that Perennial uses, typed by hand: the package annotates little of it."""

from chdb._exceptions import ChdbError as ChdbError

__version__: str
engine_version: str
