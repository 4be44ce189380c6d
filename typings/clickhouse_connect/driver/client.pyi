from collections.abc import Mapping, Sequence
from io import IOBase

class Client:
    def raw_query(
        self,
        query: str,
        parameters: Mapping[str, str | list[str]] | None,
        *,
        fmt: str | None = None,
        use_database: bool,
    ) -> bytes: ...
    def raw_stream(
        self,
        query: str,
        parameters: Mapping[str, str | list[str]] | None,
        *,
        fmt: str | None = None,
        use_database: bool,
    ) -> IOBase: ...
    def raw_insert(
        self,
        table: str,
        *,
        column_names: Sequence[str],
        insert_block: bytes,
        settings: Mapping[str, str],
        fmt: str,
    ) -> object: ...
    def close(self) -> None: ...
