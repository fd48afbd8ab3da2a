"""Writes out latitudes and longitudes as people say them: "forty four point two seven north", "minus one hundred twenty
one point one seven", "forty four degrees sixteen minutes nineteen seconds north".
"""

from collections.abc import Callable, Iterator

_POINT, _MINUS, _PLUS = "point", ("minus", "negative"), ("plus", "positive")
_SIDES = {"north": "N", "south": "S", "east": "E", "west": "W"}
_UNITS = {"degree": "°", "degrees": "°", "minute": "'", "minutes": "'", "second": '"', "seconds": '"'}
_TENS = frozenset("twenty thirty forty fifty sixty seventy eighty ninety".split())
_FEWEST = 3  # decimals of a place worth finding


def angles(
    words: list[str], end_of_number: Callable[[list[str], int], int], figures: Callable[[list[str]], str]
) -> Iterator[str]:
    """Yield one line with every angle that is said in the words. `figures` reads a number's words, `end_of_number` says
    where they end.
    """
    made: list[str] = []
    at, sign = 0, ""
    while at < len(words):
        word = words[at]
        if word in _MINUS or word in _PLUS:
            sign, at = "-" if word in _MINUS else "", at + 1
            continue
        end = end_of_number(words, at)
        if end == at:
            sign, at = "", at + 1
            continue
        written = figures(words[at:end])
        if words[end : end + 1] == [_POINT]:
            last = end_of_number(words, end + 1)
            if words[last : last + 1] == [_POINT]:
                last = _begin_of_next(words, end + 1, last)
            decimals = figures(words[end + 1 : last])
            unit = _UNITS.get(words[last]) if last < len(words) else None
            if decimals and (unit or len(decimals) >= _FEWEST):
                made.append(f"{sign}{written}.{decimals}{unit or ''}")
                last += unit is not None
            at = max(last, end + 1)
        elif end < len(words) and words[end] in _UNITS:
            made.append(f"{sign}{written}{_UNITS[words[end]]}")
            at = end + 1
        else:
            at = end
        sign = ""
        if made and at < len(words) and words[at] in _SIDES:
            made[-1] += f" {_SIDES[words[at]]}"
            at += 1
    if len(made) > 1:
        yield " ".join(made)


def _begin_of_next(words: list[str], begin: int, end: int) -> int:
    """Return where the last number before `end` begins: what stands before it are the decimals of another one."""
    at = end - 1
    if words[at - 1] in _TENS and words[at] not in _TENS:
        at -= 1
    if words[at - 1] == "hundred":
        at -= 2
    return max(at, begin)
