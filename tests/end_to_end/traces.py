"""Looks for audio in files: PCM at any alignment, plain, byte-swapped, in hexadecimal or base64, even in passing."""

import base64
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt

_WINDOW = 8  # bytes compared at once; audio of noise has any of them by chance once in 2**64
_CODED_HITS = 2  # eight hexadecimal letters are only four bytes: a log of hashes has any one of them by chance
_STEP = 40  # bytes of PCM between two needles of one kind


class Traces:
    """`sounds` is PCM by name. `found` names the files that hold any of it."""

    def __init__(self, sounds: Mapping[str, bytes]) -> None:
        self._plain = {name: _plain(pcm) for name, pcm in sounds.items()}
        self._coded = {name: _coded(pcm) for name, pcm in sounds.items()}
        self._all = np.unique(np.concatenate([*self._plain.values(), *self._coded.values()]))

    def found(self, folder: Path) -> dict[str, set[str]]:
        """File (below `folder`, hidden ones too) -> names of the sounds of which there is something in it."""
        held: dict[str, set[str]] = {}
        for path in sorted(folder.rglob("*")):
            names = self.of(_read(path))
            if names:
                held[str(path.relative_to(folder))] = names
        return held

    def of(self, data: bytes) -> set[str]:
        hits = [_both(window, self._all) for window in _windows(data)]
        here = np.unique(np.concatenate(hits)) if hits else np.zeros(0, np.uint64)
        coded = {name for name, needles in self._coded.items() if len(_both(here, needles)) >= _CODED_HITS}
        return coded | {name for name, needles in self._plain.items() if len(_both(here, needles))}


@contextmanager
def watched(traces: Traces, folder: Path, every_s: float = 0.25) -> Iterator[dict[str, set[str]]]:
    """Looks again and again, for files that are gone at the end; what it has found so far."""
    seen: dict[str, set[str]] = {}
    known: dict[Path, tuple[int, int]] = {}
    over = threading.Event()

    def look() -> None:
        while not over.wait(every_s):
            for path in folder.rglob("*"):
                try:
                    state = (path.stat().st_size, path.stat().st_mtime_ns)
                except OSError:
                    continue
                if known.get(path) != state:
                    known[path] = state
                    names = traces.of(_read(path))
                    if names:
                        seen.setdefault(str(path.relative_to(folder)), set()).update(names)

    looking = threading.Thread(target=look, name="traces", daemon=True)
    looking.start()
    try:
        yield seen
    finally:
        over.set()
        looking.join()


def _plain(pcm: bytes) -> npt.NDArray[np.uint64]:
    swapped = np.frombuffer(pcm, "<i2").byteswap().tobytes()
    made = [each[at : at + _WINDOW] for each in (pcm, swapped) for at in range(0, len(pcm) - _WINDOW, _STEP)]
    return np.unique(np.frombuffer(b"".join(made), "<u8"))


def _coded(pcm: bytes) -> npt.NDArray[np.uint64]:
    made = []
    for start in range(0, len(pcm) - 12, _STEP):
        few = pcm[start : start + 12]
        made += [few.hex()[:_WINDOW].encode(), few.hex().upper()[:_WINDOW].encode()]
        for coded in (base64.b64encode, base64.urlsafe_b64encode):
            # a byte of PCM may be the first, second or third of its four letters: those of bytes 0, 1, 2 on, whole
            made += [coded(few[phase : phase + 6]) for phase in range(3)]
    return np.unique(np.frombuffer(b"".join(made), "<u8"))


def _both(windows: npt.NDArray[np.uint64], needles: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Those of the windows that are among the needles, which are sorted."""
    at = np.searchsorted(needles, windows).clip(max=len(needles) - 1)
    return windows[needles[at] == windows]


def _windows(data: bytes) -> Iterator[npt.NDArray[np.uint64]]:
    """Every run of eight bytes, one alignment after another."""
    for offset in range(_WINDOW):
        count = (len(data) - offset) // _WINDOW
        if count > 0:
            yield np.frombuffer(data, "<u8", count, offset)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes() if path.is_file() else b""
    except OSError:
        return b""
