"""Keeps what is looked for in a sealed file that loads faster than identities do (`earlid needles build`).

The file begins with a line that names it and a line of JSON that says which Earlid and which Hyperscan it fits. The
rest is encrypted with AES-256-GCM. The key lies in a file of its own. Nothing is read before the key has opened all of
it, and only the classes listed here are made of it.
"""

import hashlib
import io
import json
import os
import pickle
import platform
import secrets
import stat
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
import zstandard
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.files import BadFile, write_private
from scenarios.leaks.collecting import not_collecting
from scenarios.leaks.known import Known
from scenarios.leaks.needles.literals import hyperscan

MAGIC = b"EARLID-NEEDLES 1\n"
KEY_VARIABLE = "EARLID_NEEDLES_KEY"
_KEY, _NONCE = 32, 12  # bytes
_LONGEST_HEADER = 4_096
_LEVEL = 1  # of zstd; higher ones take longer than they save
_CLASSES = frozenset(
    {
        ("builtins", "set"),
        ("builtins", "frozenset"),
        ("datetime", "date"),
        ("msgspec._utils", "rebuild"),
        ("numpy", "dtype"),
        ("numpy", "ndarray"),
        ("numpy._core.multiarray", "_reconstruct"),
        ("numpy._core.multiarray", "scalar"),
        ("numpy._core.numeric", "_frombuffer"),
        ("scenarios.leaks.known", "Known"),
        ("scenarios.leaks.needle_file", "Kept"),
        ("scenarios.leaks.match.births", "Births"),
        ("scenarios.leaks.match.conjunctions", "Conjunctions"),
        ("scenarios.leaks.match.conjunctions", "_Value"),
        ("scenarios.leaks.match.hashes", "Hashes"),
        ("scenarios.leaks.match.spots.nearby", "Nearby"),
        ("scenarios.leaks.match.numbers", "Digits"),
        ("scenarios.leaks.match.spots.packed", "Packed"),
        ("scenarios.leaks.match.partial", "Numbers"),
        ("scenarios.leaks.match.people", "People"),
        ("scenarios.leaks.match.people", "_Person"),
        ("scenarios.leaks.match.spots.places", "Places"),
        ("scenarios.leaks.match.spots.places", "Spot"),
        ("scenarios.leaks.needles.forms", "Turning"),
        ("scenarios.leaks.needles.literals", "HyperscanLiterals"),
        ("scenarios.leaks.needles.literals", "PlainLiterals"),
        ("scenarios.leaks.needles.literals", "TableLiterals"),
        ("scenarios.leaks.needles.needle", "Needle"),
        ("scenarios.leaks.needles.table", "ByteTable"),
    }
)


_OTHER: tuple[type[Exception], ...] = (pickle.UnpicklingError, zstandard.ZstdError, AttributeError, EOFError)
_OTHER += (hyperscan.error,) if hyperscan is not None else ()


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What a needle file holds. `digest` is that of the identities, `labels` are their households' ids."""

    known: Known
    digest: str
    labels: frozenset[str]


def is_needle_file(path: Path) -> bool:
    """Return whether the file says that it is one. A file that cannot be read is none."""
    try:
        with path.open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


@not_collecting()
def write_needles(path: Path, kept: Kept, key_file: Path) -> int:
    """Write a sealed file (mode 0600) and return its size in bytes. The key is made if its file is not there.

    Raises:
        BadFile: the key's file is no key or others may read it, or a file cannot be written.
    """
    key = _made(key_file)
    packed = io.BytesIO()
    with zstandard.ZstdCompressor(level=_LEVEL).stream_writer(packed, closefd=False) as writer:
        pickle.Pickler(writer, protocol=5).dump(kept)
    head = MAGIC + json.dumps(_fitting()).encode() + b"\n"
    nonce = secrets.token_bytes(_NONCE)
    sealed = head + nonce + AESGCM(key).encrypt(nonce, packed.getbuffer(), head)
    try:
        write_private(path, sealed)
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror or 'cannot be written'}") from None
    return len(sealed)


@not_collecting()
def read_needles(path: Path) -> Kept:
    """Read a sealed file. Its key is in the file that EARLID_NEEDLES_KEY names, or beside it as FILE.key.

    Raises:
        BadFile: the key is missing or another one, the file is damaged, or it was built by another version of Earlid or
            for another Hyperscan.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror or 'cannot be read'}") from None
    end = data.find(b"\n", len(MAGIC), _LONGEST_HEADER) + 1
    _check_fits(path, data[len(MAGIC) : end])
    key = _read_key(key_of(path))
    try:
        opened = AESGCM(key).decrypt(data[end : end + _NONCE], memoryview(data)[end + _NONCE :], data[:end])
    except (InvalidTag, ValueError):
        raise BadFile(f"{path}: not sealed with the key in {key_of(path)}, or damaged; build it anew") from None
    del data
    try:
        with zstandard.ZstdDecompressor().stream_reader(opened) as reader:
            kept = _Unpickler(reader).load()
    except _OTHER:
        kept = None
    if not isinstance(kept, Kept):
        raise BadFile(f"{path}: holds something else than needles of this version; build it anew")
    return kept


def key_of(path: Path) -> Path:
    """Return where the key of a needle file is looked for."""
    return Path(os.environ.get(KEY_VARIABLE) or f"{path}.key")


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _CLASSES:
            raise pickle.UnpicklingError("a class that no needle file has")
        return super().find_class(module, name)


def _fitting() -> dict[str, str]:
    """Return what a file must have been built with. `code` is the digest of the modules that it is a picture of."""
    digest = hashlib.blake2b(digest_size=8)
    root = files("scenarios.leaks")
    rooms = (root / "needles", root / "match")
    modules = [each for room in rooms for each in room.iterdir() if each.name.endswith((".py", ".txt"))]
    for module in sorted(modules, key=str):
        digest.update(module.read_bytes())
    for name in ("known.py", "needle_file.py"):
        digest.update((root / name).read_bytes())
    return {
        "earlid": version("earlid"),
        "code": digest.hexdigest(),
        "hyperscan": _platform(),
        "machine": f"{platform.machine()} {platform.python_implementation()} {platform.python_version_tuple()[1]}",
    }


def _platform() -> str:
    """Return what a Hyperscan database says of the version and processor that it was made for."""
    if hyperscan is None:
        return "none"
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(expressions=[b"x"], ids=[0], literal=True)
    about = database.info()
    return about.decode() if isinstance(about, bytes) else str(about)


def _check_fits(path: Path, header: bytes) -> None:
    here = _fitting()
    try:
        said = json.loads(header)
        said = {name: str(said[name]) for name in here}
    except (ValueError, KeyError, TypeError):
        raise BadFile(f"{path}: a needle file with a damaged head; build it anew") from None
    for name, what in (
        ("earlid", "version of Earlid"),
        ("code", "version of Earlid's search"),
        ("hyperscan", "Hyperscan"),
        ("machine", "machine or Python"),
    ):
        if said[name] != here[name]:
            raise BadFile(f"{path}: built by another {what} than this one ({here[name]}); build it anew")


def _made(path: Path) -> bytes:
    if not path.exists():
        try:
            write_private(path, secrets.token_hex(_KEY).encode() + b"\n")
        except OSError as error:
            raise BadFile(f"{path}: {error.strerror or 'cannot be written'}") from None
    return _read_key(path)


def _read_key(path: Path) -> bytes:
    try:
        others = stat.S_IMODE(path.stat().st_mode) & 0o077
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except OSError as error:
        raise BadFile(
            f"{path}: {error.strerror or 'cannot be read'}; wanted: the key of the needle file, here or in the file "
            f"that {KEY_VARIABLE} names"
        ) from None
    except ValueError:
        others, key = 0, b""
    if others:
        raise BadFile(f"{path}: others may read it; allowed: mode 0600 (chmod 600)")
    if len(key) != _KEY:
        raise BadFile(f"{path}: no key; allowed: 64 hex digits, as `earlid needles build` writes them")
    return key
