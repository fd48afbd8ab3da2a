"""HDF5 -> its datasets and attributes: tables of pandas, NetCDF 4, MATLAB 7.3, sensor data.

A dataset may lie in another file, or be put together of other files' datasets. Those are named and not opened.
"""

from collections.abc import Iterator
from typing import Any

from scenarios.leaks.sources.reader.content import Content
from scenarios.leaks.sources.reader.reader import Found, Piece, Reader, Unread
from scenarios.leaks.sources.reader.rows import pieces_of_rows

_MARK = b"\x89HDF\r\n\x1a\n"
_PLACES = (0, 512, 1024, 2048, 4096)  # where the mark may stand (HDF5 file format 3.0, II.A)
_BLOCK = 1024  # rows read at a time
_ROW = 64  # values a line


def _knows(content: Content) -> bool:
    return any(content.head.startswith(_MARK, at) for at in _PLACES)


def _read(content: Content) -> Found:
    import h5py

    with content.as_file() as path, h5py.File(path, "r") as file:
        found: list[tuple[str, Any]] = [("", file)]
        file.visititems(lambda name, each: found.append((name, each)))
        for name, each in found:
            if name:
                yield Piece(data=b"", name=name)
            told = {key: _plain(each.attrs[key]) for key in each.attrs}
            if told:
                yield from pieces_of_rows([told], name)
            if isinstance(each, h5py.Dataset):
                yield from _dataset(each, name)


def _dataset(dataset: Any, name: str) -> Found:
    if dataset.external or dataset.is_virtual:
        yield Unread(kind="hdf5", name=name, why="not followed", detail="its values lie in other files")
    elif dataset.shape is not None:
        yield from pieces_of_rows(_rows(dataset), name)


def _rows(dataset: Any) -> Iterator[Any]:
    if not dataset.shape:
        yield [_plain(dataset[()])]
        return
    for begin in range(0, dataset.shape[0], _BLOCK):
        block = dataset[begin : begin + _BLOCK]
        if block.dtype.names:
            yield from ({key: _plain(row[key]) for key in block.dtype.names} for row in block.reshape(-1))
        elif block.ndim == 1:
            values = _plain(block)
            yield from (values[at : at + _ROW] for at in range(0, len(values), _ROW))
        else:
            yield from map(_plain, block.reshape(-1, block.shape[-1]))


def _plain(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else value


HDF5 = Reader(kind="hdf5", knows=_knows, read=_read, needs=("h5py",))
