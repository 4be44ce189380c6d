# The little of ruamel.yaml that is used here; its own annotations are incomplete.
from collections.abc import Iterable
from typing import TextIO

from ruamel.yaml.events import Event

class YAML:
    def __init__(self, *, typ: str = ..., pure: bool = ...) -> None: ...
    def parse(self, stream: str) -> Iterable[Event]: ...
    def dump(self, data: object, stream: TextIO) -> None: ...
