"""Reads a body within bounds, and believes it only when it is whole.

What proves that a body is whole: its announced length, or the end mark of its chunks (both checked by h11),
and for gzip the trailer with its checksum and size. A body that only ends because the connection closed
proves nothing by itself; it is taken, since every format read here has its own end: JSON closes its brackets,
a parquet file ends in its footer, a board states its number of models. Those are checked by `parse`.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from pipeline.sources.parsing.json_body import LARGEST_BODY_BYTES

if TYPE_CHECKING:
    import httpx

    from pipeline.sources.http.request import Deadline

ENCODINGS = "gzip, identity"

_GZIP = 16 + zlib.MAX_WBITS
_EXCERPT = 32_768


class CutError(Exception):
    """The body ended early, or too late; asking again may help."""


class ForeignError(Exception):
    """The body is not what was asked for; asking again would give the same."""


def read_body(response: httpx.Response, deadline: Deadline) -> bytes:
    """Read and unpack a body as it arrives, without ever holding more than the limit.

    Raises:
        CutError: A gzip stream without its trailer, or the deadline has passed.
        ForeignError: Too many bytes on the wire or unpacked, an encoding that was not asked for, a damaged
            gzip stream, or bytes behind its end.
    """
    unpack = _unpacker(response)
    chunks: list[bytes] = []
    wire = size = 0
    for chunk in response.iter_raw():
        wire += len(chunk)
        whole = chunk if unpack is None else _unpack_chunk(unpack, chunk, LARGEST_BODY_BYTES - size + 1)
        size += len(whole)
        if max(size, wire) > LARGEST_BODY_BYTES:
            raise ForeignError(f"more than {LARGEST_BODY_BYTES} bytes")
        chunks.append(whole)
        if not deadline.seconds_left():
            raise CutError(f"no whole answer within {deadline.seconds:g} seconds")
    if unpack is not None and not unpack.eof:
        raise CutError(f"a gzip stream without its end after {wire} bytes")
    return b"".join(chunks)


def read_excerpt(response: httpx.Response) -> bytes:
    """Read the beginning of an answer that is refused anyway, to say what it is."""
    excerpt = b""
    for chunk in response.iter_raw():
        excerpt += chunk
        if len(excerpt) >= _EXCERPT:
            break
    if response.headers.get("content-encoding", "").strip().lower() == "gzip":
        try:
            return zlib.decompressobj(_GZIP).decompress(excerpt, _EXCERPT)
        except zlib.error:
            return b""
    return excerpt[:_EXCERPT]


def _unpacker(response: httpx.Response) -> zlib._Decompress | None:
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding in {"", "identity"}:
        return None
    if encoding != "gzip":
        raise ForeignError("a compressed answer of a kind that was not asked for")
    return zlib.decompressobj(_GZIP)


def _unpack_chunk(unpack: zlib._Decompress, chunk: bytes, most: int) -> bytes:
    try:
        whole = unpack.decompress(chunk, most)
    except zlib.error:
        raise CutError("a damaged gzip stream") from None
    if unpack.unused_data:
        raise ForeignError("bytes behind the end of its gzip stream")
    return whole
