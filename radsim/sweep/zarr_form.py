"""Zarr v3 by hand: the description of an array and the bytes of its chunks.

zarr itself takes 2.5 ms to make an array and 1 ms to write any chunk of it, most of that under the interpreter's lock: a twentieth of a
sweep. What is written here is read by it; a test holds that.
"""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

import numpy as np

CODEC, LEVEL = "lz4", 3
"""Of the sums most are zeros: shuffled they take longer and no less room. A third of the time of zstd for half as many bytes more."""

CHECKSUM_BYTES = 4


class ArrayForm(NamedTuple):
    """An array of a store.

    Attributes
    ----------
    shape, chunks : tuple of int
    dims : tuple of str or None
    dtype : numpy.dtype
        ``object`` for text.
    fill : number, bool or str
        What stands where there is no chunk, and beyond the end in the last.
    attributes : dict
    """

    shape: tuple
    chunks: tuple
    dims: tuple | None
    dtype: np.dtype
    fill: object
    attributes: dict

    @property
    def is_text(self):
        return self.dtype.kind == "O"

    @property
    def description(self):
        """What ``zarr.json`` says of it."""
        is_nan = self.dtype.kind == "f" and np.isnan(self.fill)
        size = 1 if self.is_text else self.dtype.itemsize
        packing = {"cname": CODEC, "clevel": LEVEL, "shuffle": "noshuffle", "blocksize": 0}
        first = {"name": "vlen-utf8"} if self.is_text else {"name": "bytes", "configuration": {"endian": "little"}}
        return {
            "zarr_format": 3,
            "node_type": "array",
            "shape": list(self.shape),
            "data_type": "string" if self.is_text else self.dtype.name,
            "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": list(self.chunks)}},
            "chunk_key_encoding": {"name": "default", "configuration": {"separator": "."}},
            "fill_value": "NaN" if is_nan else self.fill,
            "codecs": [
                first,
                {"name": "blosc", "configuration": {"typesize": size, **packing}},
                {"name": "crc32c"},
            ],
            "attributes": self.attributes,
            **({} if self.dims is None else {"dimension_names": list(self.dims)}),
            "storage_transformers": [],
        }

    def pieces(self, values, first):
        """Cut values of the whole array, or from chunk ``first`` of its first axis on, into chunks: the file and the values of each."""
        for place in _places(values.shape, self.chunks):
            part = values[tuple(slice(i * step, (i + 1) * step) for i, step in zip(place, self.chunks, strict=True))]
            yield _key((place[0] + first, *place[1:]) if place else ()), part

    def encode(self, values):
        """Bytes of a chunk; at the end of the array its values may be fewer."""
        if values.shape != self.chunks:
            whole = np.full(self.chunks, self.fill, self.dtype)
            whole[tuple(map(slice, values.shape))] = values
            values = whole
        return encode(values)

    def decode(self, content):
        """Values of a chunk of numbers from its bytes.

        Raises
        ------
        ValueError
            If they are not what was written.
        """
        values = np.empty(self.chunks, self.dtype)
        _blosc().decompress(checked(content), values)
        return values


def chunk_keys(shape, chunks):
    """Files of all chunks of an array, below its folder."""
    return [_key(place) for place in _places(shape, chunks)]


def _places(shape, chunks):
    return product(*(range(-(-size // step)) for size, step in zip(shape, chunks, strict=True)))


def _key(place):
    return ".".join(["c", *map(str, place)])  # with slashes every number would be a folder: slow to make


def encode(values):
    """Bytes of a chunk: the numbers, or texts with their lengths, compressed and with a checksum behind."""
    blosc = _blosc()
    if values.dtype.kind == "O":
        from numcodecs import VLenUTF8

        plain = VLenUTF8().encode(values.ravel())
    else:
        plain = np.ascontiguousarray(values)
    packed = blosc.compress(plain, CODEC.encode(), LEVEL, blosc.NOSHUFFLE)
    return packed + _checksum(packed)


def checked(content):
    """Bytes of a chunk without their checksum.

    Raises
    ------
    ValueError
        If it is not theirs.
    """
    packed = np.frombuffer(content, np.uint8)[:-CHECKSUM_BYTES]
    if len(content) <= CHECKSUM_BYTES or _checksum(packed) != content[-CHECKSUM_BYTES:]:
        raise ValueError("a chunk that is not what was written")
    return packed


def _checksum(content):
    import google_crc32c

    return google_crc32c.value(content).to_bytes(CHECKSUM_BYTES, "little")


def _blosc():
    from numcodecs import blosc

    blosc.use_threads = False  # as zarr has it: chunks are packed side by side, each by its own thread
    return blosc
