# The part of pyarrow.fs we call.
from collections.abc import Sequence
from enum import Enum
from typing import BinaryIO, overload

class FileType(Enum):
    NotFound = 0
    Unknown = 1
    File = 2
    Directory = 3

class FileInfo:
    path: str
    type: FileType
    size: int

class FileSelector:
    def __init__(self, base_dir: str, allow_not_found: bool = False, recursive: bool = False) -> None: ...

class FileSystem:
    @overload
    def get_file_info(self, paths_or_selector: str) -> FileInfo: ...
    @overload
    def get_file_info(self, paths_or_selector: FileSelector) -> Sequence[FileInfo]: ...
    def open_input_stream(self, path: str, compression: str | None = "detect") -> BinaryIO: ...
    def open_output_stream(self, path: str, compression: str | None = "detect") -> BinaryIO: ...
    def create_dir(self, path: str, *, recursive: bool = True) -> None: ...

class LocalFileSystem(FileSystem): ...

class SubTreeFileSystem(FileSystem):
    def __init__(self, base_path: str, base_fs: FileSystem) -> None: ...

class GcsFileSystem(FileSystem): ...

class S3FileSystem(FileSystem):
    def __init__(
        self,
        *,
        access_key: str | None = None,
        secret_key: str | None = None,
        region: str | None = None,
        endpoint_override: str | None = None,
        connect_timeout: float | None = None,
        request_timeout: float | None = None,
    ) -> None: ...
