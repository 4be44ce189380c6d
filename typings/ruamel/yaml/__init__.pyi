# The little of ruamel.yaml that kernel/documents.py uses; its own annotations are incomplete.
from collections.abc import Iterable

from ruamel.yaml.events import Event

class YAML:
    def __init__(self, *, typ: str = ..., pure: bool = ...) -> None: ...
    def parse(self, stream: str) -> Iterable[Event]: ...
