"""A definition is a question or rule about people that an operator wrote, kept version by version."""

# `LiveDefinitions` is imported from `.service`: it reads segments and tags, which build on these nouns.
from perennial.compute.definitions.model import Definition
from perennial.compute.definitions.ports import DefinitionShelf

__all__ = ["Definition", "DefinitionShelf"]
