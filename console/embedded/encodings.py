"""Undo a request body's Content-Encoding. A body may have many frames: clickhouse-connect sends one a block."""

from __future__ import annotations

import gzip
import sys
import zlib
from collections.abc import Callable

import lz4.frame  # type: ignore[import-untyped]

from schemas.sentence import Sentence, Told, names

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


class UndecodableBody(Told):
    """A request body that its Content-Encoding does not describe, or an encoding that is not spoken here."""

    says = Sentence(
        "请求正文不能按 {encoding!r} 解码（{detail}）。请不压缩，或用其中之一：{known}",
        "Cannot decode the request body as {encoding!r} ({detail}). Send it plain or as one of: {known}.",
    )

    def __init__(self, encoding: str, detail: str) -> None:
        super().__init__(encoding=encoding, detail=detail, known=names(sorted(_DECODERS)))
        self.encoding = encoding
        self.detail = detail


def decode_body(body: bytes, encoding: str) -> bytes:
    """The plain bytes of a body sent with this Content-Encoding (empty or ``identity``: as it is).

    Raises UndecodableBody, also for a body that ends within a frame: a cut-off insert must not land in part.
    """
    name = encoding.strip().lower()
    if not body or name in ("", "identity"):
        return body
    decoder = _DECODERS.get(name)
    if decoder is None:
        raise UndecodableBody(encoding, "unknown encoding")
    try:
        return decoder(body)
    except (RuntimeError, EOFError, OSError, ValueError, zlib.error, zstd.ZstdError) as error:
        raise UndecodableBody(encoding, str(error)) from error


def _lz4_frames(body: bytes) -> bytes:
    parts: list[bytes] = []
    while body:
        frame = lz4.frame.LZ4FrameDecompressor()
        parts.append(frame.decompress(body))
        if not frame.eof:
            raise EOFError("the body ends within a frame")
        body = frame.unused_data or b""
    return b"".join(parts)


def _deflate_streams(body: bytes) -> bytes:
    parts: list[bytes] = []
    while body:
        stream = zlib.decompressobj()
        parts.append(stream.decompress(body))
        if not stream.eof:
            raise EOFError("the body ends within a stream")
        body = stream.unused_data
    return b"".join(parts)


_DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "deflate": _deflate_streams,
    "gzip": gzip.decompress,
    "lz4": _lz4_frames,
    "zstd": zstd.decompress,
}
