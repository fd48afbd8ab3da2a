"""HDF5, MATLAB's files and pickled frames, written by other libraries: what they hold is found."""

import pickle
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pyarrow
import pytest

from tests.scenarios.leaks.sources.conftest import FIELDS, TEXT


@pytest.mark.parametrize("packed", [None, "gzip", "lzf"])
def test_texts_of_a_dataset_are_found(seen: Callable[..., Any], tmp_path: Path, packed: str | None) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_group("deep/er").create_dataset(
            "t", data=np.array(["nothing"] * 40 + [TEXT], dtype="S120"), compression=packed
        )
    told = seen(tmp_path / "a.h5")
    assert told.fields >= FIELDS
    assert not told.unread


def test_attributes_rows_and_strings_of_any_length_are_found(seen: Callable[..., Any], tmp_path: Path) -> None:
    row = np.zeros(3, dtype=[("who", "S20"), ("n", "i4")])
    row["who"][1] = b"Tami Lutz"
    writes: list[Callable[[Any], Any]] = [
        lambda file: file.create_dataset("x", data=[1, 2]).attrs.update({"note": TEXT}),
        lambda file: file.create_dataset("x", data=row),
        lambda file: file.create_dataset("x", data=[TEXT], dtype=h5py.string_dtype()),
        lambda file: file.create_dataset("x", data=TEXT),
    ]
    for at, write in enumerate(writes):
        with h5py.File(tmp_path / f"{at}.h5", "w", userblock_size=512 * (at % 2)) as file:
            write(file)
        assert "members.name" in seen(tmp_path / f"{at}.h5").fields, at


def test_values_in_another_file_are_named_and_not_opened(seen: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(TEXT.encode().ljust(4096))
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("t", (4096,), "u1", external=[(str(tmp_path / "secret"), 0, 4096)])
    told = seen(tmp_path / "a.h5")
    assert ("hdf5", "not followed") in told.unread
    assert not told.fields & FIELDS


def test_a_compressed_variable_of_matlab_is_read(seen: Callable[..., Any]) -> None:
    wide = TEXT.encode("utf-16-le")
    variable = zlib.compress(struct.pack("<II", 4, len(wide)) + wide)
    data = b"MATLAB 5.0 MAT-file".ljust(124) + b"\x00\x01IM" + struct.pack("<II", 15, len(variable)) + variable
    told = seen(data)
    assert told.fields >= FIELDS
    assert not told.unread
    assert ("mat", "damaged") in seen(data[:-20]).unread


def test_texts_that_arrow_keeps_end_to_end_are_told_apart_in_a_pickle(seen: Callable[..., Any]) -> None:
    names = pyarrow.array(["Someone", "Tami Lutz", "Another", "x" * 70], pyarrow.large_string())
    assert "members.name" in seen(pickle.dumps(names, protocol=4)).fields
    assert "members.name" in seen(pickle.dumps(names.cast(pyarrow.string()), protocol=5)).fields
