"""Finds phone numbers with some digits masked, and counts the homes that the visible digits still fit.

Until April 2019 reviewers saw numbers of which only some digits were hidden. "(541) ***-0142" fits one household.
"""

import re
from collections.abc import Iterator, Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from scenarios.leaks.decode.signals import signals
from scenarios.leaks.needles.literals import digits_of
from scenarios.leaks.needles.needle import Needle
from scenarios.verdict import Severity

# A digit or a mask, up to three separators, again and again.
_CANDIDATE = re.compile(r"(?<![\w*#•])[+(]{0,2}[0-9*xX#•_](?:[\s().\-/]{0,3}[0-9*xX#•_]){6,16}(?![0-9A-Za-z*#•])")
_AROUND = 100
_MASKS = frozenset("*xX#•_")
_LEAST_VISIBLE = 3
_RARE = 1e-5  # chance that a stranger's number shows the same digits as one of ours
_MASKED = frozenset({"card ", "bank account "})  # receipts show the first six digits and the last four
_NATIONAL = 10
_FEW = 5  # homes


class Partial(msgspec.Struct, frozen=True, kw_only=True):
    """A masked number. `visible` of its `length` digits show. `consistent` homes of the file have such a number."""

    needle: Needle
    visible: int
    length: int
    consistent: int

    @property
    def severity(self) -> Severity:
        """High if one home remains, medium if a few remain, else low."""
        return "high" if self.consistent == 1 else "medium" if self.consistent <= _FEW else "low"

    @property
    def evidence(self) -> str:
        homes = "1 household is" if self.consistent == 1 else f"{self.consistent} households are"
        return f"{self.visible} digits show: {homes} consistent with them"


class Numbers:
    """Knows phone numbers by their digits, in E.164 and national form."""

    def __init__(self, needles: Sequence[Needle]) -> None:
        self._known: dict[str, list[Needle]] = {}
        for needle in needles:
            if needle.family == "digits" and (needle.field.endswith("phones") or needle.label in _MASKED):
                for form in {needle.key, digits_of(needle.value)}:
                    self._known.setdefault(form, []).append(needle)
        by_length: dict[int, list[str]] = {}
        for form in self._known:
            by_length.setdefault(len(form), []).append(form)
        self._forms = by_length
        self._columns = {size: _columns(forms, size) for size, forms in by_length.items()}

    def search(self, text: str) -> Iterator[Partial]:
        """Yield one result for each household whose number fits, if few other numbers would fit by chance."""
        for match in _CANDIDATE.finditer("\n".join(signals().texts("masked", text, _AROUND))):
            symbols = [c for c in match[0] if c.isdigit() or c in _MASKS]
            if len(symbols) - _NATIONAL in (1, 2, 3) and symbols[0] in "_":
                continue
            masked = sum(c in _MASKS for c in symbols)
            visible = len(symbols) - masked
            if masked < 2 or visible < _LEAST_VISIBLE:
                continue
            yield from self._fitting(symbols, visible)

    def _fitting(self, symbols: Sequence[str], visible: int) -> Iterator[Partial]:
        if len(self._known) / 10**visible > _RARE:
            return
        forms, columns = self._forms.get(len(symbols), []), self._columns.get(len(symbols))
        if columns is None:
            return
        shown = [at for at, symbol in enumerate(symbols) if symbol not in _MASKS]
        fits = np.logical_and.reduce([columns[at] == ord(symbols[at]) for at in shown])
        found: dict[tuple[str, str], Needle] = {}
        for digits in sorted(forms[at] for at in np.flatnonzero(fits).tolist()):
            for needle in self._known[digits]:
                found.setdefault((needle.household_id, needle.field), needle)
        homes = len({home for home, _ in found})
        for needle in found.values():
            yield Partial(needle=needle, visible=visible, length=len(symbols), consistent=homes)


def _columns(forms: Sequence[str], size: int) -> npt.NDArray[np.uint32]:
    """Return the numbers' characters, one row a position: a mask is compared with all numbers at once."""
    codes = np.frombuffer("".join(forms).encode("utf-32-le"), np.dtype("<u4")).reshape(-1, size)
    return np.ascontiguousarray(codes.T)
