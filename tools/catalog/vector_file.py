"""A float32 .npy written and read in blocks, so that its size never has to fit into memory."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tools.errors import CatalogError

Vectors = NDArray[np.float32]

_BLOCK = 65536


class VectorWriter:
    """Writes rows one block after the other.

    Args:
        path: the file.
        rows: how many will come.
        dimension: of each.
    """

    def __init__(self, path: Path, rows: int, dimension: int) -> None:
        header = {"descr": "<f4", "fortran_order": False, "shape": (rows, dimension)}
        self._stream = path.open("wb")
        np.lib.format.write_array_header_1_0(self._stream, header)

    def write(self, block: Vectors) -> None:
        """The next rows."""
        self._stream.write(np.ascontiguousarray(block, "<f4").data)

    def __enter__(self) -> VectorWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()


class VectorFile:
    """Reads rows without mapping the file: mapped pages would count as memory of this process.

    Args:
        path: what `VectorWriter` wrote.

    Raises:
        CatalogError: it is something else.
    """

    def __init__(self, path: Path) -> None:
        try:
            with path.open("rb") as stream:
                version = np.lib.format.read_magic(stream)
                assert version == (1, 0)
                shape, fortran, kind = np.lib.format.read_array_header_1_0(stream)
                self._offset = stream.tell()
        except (ValueError, AssertionError) as error:
            raise CatalogError(f"{path} cannot be read: {error}") from None
        if len(shape) != 2 or fortran or kind != np.dtype("<f4"):
            raise CatalogError(f"{path} holds no float32 vectors")
        self.path = path
        self.rows, self.dimension = int(shape[0]), int(shape[1])

    def blocks(self) -> Iterator[Vectors]:
        """All rows in order, some ten thousand at a time."""
        with self.path.open("rb") as stream:
            stream.seek(self._offset)
            for start in range(0, self.rows, _BLOCK):
                count = min(_BLOCK, self.rows - start)
                held = np.fromfile(stream, "<f4", count * self.dimension)
                yield held.reshape(count, self.dimension)

    def take(self, rows: NDArray[np.int64]) -> Vectors:
        """Some rows, in the order asked."""
        size = 4 * self.dimension
        with self.path.open("rb") as stream:
            descriptor = stream.fileno()
            held = [os.pread(descriptor, size, self._offset + size * int(row)) for row in rows]
        return np.frombuffer(b"".join(held), "<f4").reshape(len(rows), self.dimension)
