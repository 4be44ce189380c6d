"""Bodies that are files: written down as they come, and never held in memory."""

from collections.abc import AsyncIterator
from pathlib import Path

from starlette.concurrency import run_in_threadpool

from perennial.api.problems import TooLarge
from perennial.kernel.errors import telling_full_disk
from perennial.kernel.ids import mint_secret

UPLOADS = "/api/imports/uploads"
_LISTS = ("/api/segments/", "/upload")
_AT_ONCE = 1024 * 1024


def is_upload(path: str) -> bool:
    """Whether a route takes a file as its body, and writes it down as it comes."""
    return path == UPLOADS or (path.startswith(_LISTS[0]) and path.endswith(_LISTS[1]))


async def receive(body: AsyncIterator[bytes], file: Path, *, max_bytes: int) -> None:
    """Write a body to a file that is whole under its name, or not there. Raises TooLarge, DiskFull."""
    partial = file.with_name(mint_secret("upload_"))
    try:
        size = 0
        waiting = bytearray()
        async for chunk in body:
            size += len(chunk)
            if size > max_bytes:
                raise TooLarge(f"An upload has at most {max_bytes} bytes.", hint="Import it from a path.")
            waiting += chunk
            if len(waiting) >= _AT_ONCE:
                await run_in_threadpool(_append, partial, bytes(waiting))
                waiting.clear()
        await run_in_threadpool(_append, partial, bytes(waiting))
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)


def _append(file: Path, chunk: bytes) -> None:
    with telling_full_disk(), file.open("ab") as sink:
        sink.write(chunk)
