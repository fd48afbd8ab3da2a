"""The compiled functions are loaded when they pay, kept for their owner alone, and done without elsewhere."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scenarios.leaks.decode.kernels import loading
from scenarios.leaks.decode.kernels.loading import Use, cache_folder, loaded

_SEARCHED = """
import sys
from scenarios.leaks.decode.layers import Limits, decode
decode(b"some words and eyJhIjoiUm9zYWxpbmQgUXVpbnRlcm8ifQ stand here\\n" * 400, Limits())
print("numba" in sys.modules)
"""


def test_a_process_that_searches_little_does_without() -> None:
    use = Use(worth=1_000)
    for size in (400, 500):
        assert use.functions(size) is None
        use.prepare()
    assert use.functions(200) is None  # in the midst of a part nothing is loaded: its bound on time would count it
    use.prepare()
    assert use.functions(0) is not None


_NAMES_OF_TYPES = """
import random
from scenarios.leaks.decode.kernels.loading import kernels, prepare
from scenarios.leaks.decode.layers import Limits, decode
prepare()
functions = kernels(0)
def types(): return {name: list(getattr(functions, name).signatures) for name in functions.__all__}
before = types()
assert all(len(each) == 1 for each in before.values()), before
noise = random.Random(1).randbytes(60_000)
for text in (noise, noise.hex().encode(), b" ".join(noise[at:at + 9].hex().encode() for at in range(9_000))):
    decode(text, Limits())
assert types() == before, types()
"""


def test_every_function_is_compiled_before_a_part_is_begun() -> None:
    env = {**os.environ, "EARLID_KERNELS": "all"}
    subprocess.run([sys.executable, "-c", _NAMES_OF_TYPES], env=env, check=True, capture_output=True)


@pytest.mark.parametrize(("switch", "expected"), [("", "False"), ("none", "False"), ("all", "True")])
def test_numba_is_imported_only_when_it_pays(switch: str, expected: str) -> None:
    told = subprocess.run(
        [sys.executable, "-c", _SEARCHED],
        env={**os.environ, "EARLID_KERNELS": switch},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == expected


def test_machine_code_is_kept_where_only_its_owner_reads(tmp_path: Path) -> None:
    env = {**os.environ, "EARLID_KERNELS": "all", "XDG_CACHE_HOME": str(tmp_path)}
    subprocess.run([sys.executable, "-c", _SEARCHED], env=env, check=True, capture_output=True)
    (folder,) = (tmp_path / "earlid").glob("numba-*")
    assert (tmp_path / "earlid").stat().st_mode & 0o777 == 0o700
    assert list(folder.rglob("*.nbc"))


def test_without_numba_or_a_folder_of_ones_own_numpy_does_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "earlid"
    (tmp_path / "earlid").chmod(0o755)
    assert cache_folder() is None
    assert loaded() is None
    (tmp_path / "earlid").chmod(0o700)
    monkeypatch.setattr(loading, "find_spec", lambda _name: None)
    assert loaded() is None


def test_without_a_place_for_machine_code_numpy_does_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    (cache_folder() / f"numba-{loading._sources()}").write_text("a file where the folder would be")
    assert loaded() is None


def test_the_cache_of_other_users_of_numba_stays_where_it_was() -> None:
    assert loaded() is not None
    from numba.core import config

    assert "earlid" not in str(vars(config)["CACHE_DIR"])
