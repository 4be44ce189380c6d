from collections.abc import Mapping
from types import TracebackType
from typing import Literal, Self, overload

import pyarrow as pa
from chdb._chdb import query_result
from chdb.state.sqlitelike import StreamingInserter, StreamingResult

class Session:
    def __init__(self, path: str | None = None) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...
    def close(self) -> None: ...
    def cleanup(self) -> None: ...
    @overload
    # The value of the format decides the type; to a checker any `str` may be that value.
    def query(  # pyright: ignore[reportOverlappingOverload]
        self,
        sql: str,
        fmt: Literal["ArrowTable", "arrowtable"],
        udf_path: str = "",
        params: Mapping[str, object] | None = None,
    ) -> pa.Table: ...
    @overload
    def query(
        self, sql: str, fmt: str = "CSV", udf_path: str = "", params: Mapping[str, object] | None = None
    ) -> query_result: ...
    def send_query(
        self, sql: str, fmt: str = "CSV", params: Mapping[str, object] | None = None
    ) -> StreamingResult: ...
    def send_insert(self, query: str, fmt: str = "CSV") -> StreamingInserter: ...
