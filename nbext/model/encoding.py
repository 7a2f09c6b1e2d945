"""Undoing the content-encoding of a body, piece by piece as it arrived."""

from __future__ import annotations

import importlib
import zlib
from typing import Any, Protocol

# What one body may grow to: a small compressed answer must not fill the kernel's memory.
MAX_DECODED = 512 * 1024 * 1024


class Decoder(Protocol):
    """Takes pieces as they came, gives the bytes they stand for."""

    def feed(self, data: bytes) -> bytes:
        """Decode the next piece; raises `ValueError` when it is not what the header says."""
        ...


class DecodeError(ValueError):
    """A body is not in the encoding its header names, or we cannot undo that one."""


class _Zlib:
    """Gzip (RFC 1952) and deflate (RFC 1950, and the bare RFC 1951 that some servers mean by it)."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._wbits = 16 + zlib.MAX_WBITS
        self._head = b""
        self._inner = None if name == "deflate" else zlib.decompressobj(self._wbits)

    def feed(self, data: bytes) -> bytes:
        if self._inner is None:
            data = self._head + data
            if len(data) < 2:
                self._head = data
                return b""
            # RFC 1950 headers are a multiple of 31 and name method 8; anything else is bare.
            zlib_header = data[0] & 15 == 8 and (data[0] * 256 + data[1]) % 31 == 0
            self._wbits = zlib.MAX_WBITS if zlib_header else -zlib.MAX_WBITS
            self._inner = zlib.decompressobj(self._wbits)
        out = []
        while data:
            try:
                out.append(self._inner.decompress(data))
            except zlib.error as error:
                raise DecodeError(f"not {self._name}: {error}") from None
            data = self._inner.unused_data
            if self._inner.eof and data:
                # Gzip files may be several members one after the other.
                self._inner = zlib.decompressobj(self._wbits)
        return b"".join(out)


class _Brotli:
    def __init__(self) -> None:
        module = _first("brotli", "brotlicffi")
        if module is None:
            raise DecodeError("reading brotli needs the package brotli: pip install brotli")
        self._inner: Any = module.Decompressor()
        self._feed = getattr(self._inner, "decompress", None) or self._inner.process

    def feed(self, data: bytes) -> bytes:
        try:
            return bytes(self._feed(data))
        except Exception as error:
            raise DecodeError(f"not brotli: {error}") from None


class _Zstd:
    def __init__(self) -> None:
        module = _first("compression.zstd", "backports.zstd", "zstandard")
        if module is None:
            raise DecodeError("reading zstd needs the package zstandard: pip install zstandard")
        maker = getattr(module, "ZstdDecompressor", None)
        inner: Any = maker() if maker is not None else None
        self._inner = inner.decompressobj() if hasattr(inner, "decompressobj") else inner

    def feed(self, data: bytes) -> bytes:
        try:
            return bytes(self._inner.decompress(data))
        except Exception as error:
            raise DecodeError(f"not zstd: {error}") from None


class _Chain:
    """Several encodings, named in the order they were applied."""

    def __init__(self, decoders: list[Decoder]) -> None:
        self._decoders = decoders

    def feed(self, data: bytes) -> bytes:
        for decoder in self._decoders:
            data = decoder.feed(data)
        return data


def decoder_for(content_encoding: str | None) -> Decoder | None:
    """Give the decoder for a ``content-encoding`` header; None when there is nothing to undo.

    Raises
    ------
    DecodeError
        The encoding is unknown, or its package is not installed.
    """
    if not content_encoding:
        return None
    names = [name.strip().lower() for name in content_encoding.split(",")]
    decoders = [_decoder(name) for name in reversed(names) if name not in ("", "identity")]
    if not decoders:
        return None
    return decoders[0] if len(decoders) == 1 else _Chain(decoders)


def _decoder(name: str) -> Decoder:
    if name in ("gzip", "x-gzip"):
        return _Zlib("gzip")
    if name == "deflate":
        return _Zlib("deflate")
    if name == "br":
        return _Brotli()
    if name == "zstd":
        return _Zstd()
    raise DecodeError(f"unknown content-encoding {name!r}")


def decode(data: bytes, content_encoding: str | None) -> bytes:
    """Undo the content-encoding of a whole body.

    Raises
    ------
    DecodeError
        As for `decoder_for`, or the bytes are not in that encoding.
    """
    decoder = decoder_for(content_encoding)
    return data if decoder is None else decoder.feed(data)


def _first(name: str, *others: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        return _first(*others) if others else None
