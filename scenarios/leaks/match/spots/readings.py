"""Reads single latitudes and longitudes. `places` pairs them.

It reads decimal degrees with a sign or a letter of the compass; degrees, minutes and seconds in many notations, EXIF's
among them; whole numbers scaled by 10^7, 10^6 or 2^31/180 (Garmin's FIT); ISO 6709, NMEA and map links. Some are
also read backwards.
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

_MINUS = ("-", "\u2212")
_SIGNS = ("-", "+", "\u2212")
_SIDE = r"(?:north|south|east|west|[NSEWnsew])(?![A-Za-z])"
_DECIMAL = re.compile(
    r"(\d(?<![\d.].)\d{0,2}\.\d{3,20})(?!\d|\.\d)"
    rf"(?:\s?(?:°|deg(?:rees)?(?![a-z]))?\s?({_SIDE}))?",
    re.DOTALL,
)
_SIDE_BEFORE = re.compile(r"(?:^|[^A-Za-z])([NSEWnsew])[\s:°]{0,2}$")
_NUMBER_NEXT = re.compile(r"[\s:°]{0,2}[0-9]")
_LABEL = re.compile(
    r"(?:lat|lon|lng|latitude|longitude|breitengrad|breite|gps|geo|coord[a-z]*|[!][234]d)[\W_]{0,8}$", re.I
)
_COMMA = re.compile(r"([-\u22120-9](?<![\w.,].)[0-9]{0,3}),([0-9]{4,9})(?![\w.])", re.DOTALL)
_DMS = re.compile(
    r"(?<![\w.])([-\u2212]?)([0-9]{1,3})\s?(?:°|º|˚|d|deg|degrees|:|\s)\s?([0-9]{1,2}(?:\.[0-9]+)?)\s?"
    r"(?:'|′|’|m|min|minutes|:|\s)(?:\s?([0-9]{1,2}(?:\.[0-9]+)?)\s?(?:\"|″|”|''|s|sec|seconds)?)?\s?,?\s?"
    rf"({_SIDE})"
)
_DMS_FIRST = re.compile(
    r"(?<!\w)([NSEWnsew])\s?([0-9]{1,3})\s?(?:°|º|˚|\s)\s?([0-9]{1,2}(?:\.[0-9]+)?)\s?(?:'|′|’|\s)"
    r"(?:\s?([0-9]{1,2}(?:\.[0-9]+)?)\s?(?:\"|″|”|'')?)?"
)
_XMP = re.compile(r"(?<![\w.])([0-9]{1,3}),([0-9]{1,2}(?:\.[0-9]+)?)(?:,([0-9]{1,2}(?:\.[0-9]+)?))?([NSEW])(?!\w)")
_RATIONAL = re.compile(
    r"(?<![\w/])([0-9]{1,3})/1[,;\s]+([0-9]{1,8})/(1|10{1,6})(?:[,;\s]+([0-9]{1,9})/(10{0,7}))?(?![\w/])"
)
_TRIPLE = re.compile(r"[(\[]([0-9]{1,3})(?:\.0)?, ?([0-9]{1,2})(?:\.0)?, ?([0-9]{1,2}\.[0-9]+)[)\]]")
_GLUED = re.compile(r"(?<![0-9.])([0-9]{2,3})([0-9]{2})([0-9]{2}(?:\.[0-9]{1,6})?)([NSEW])(?=[^A-Za-z]|$)")
_PAIRS = re.compile(
    r"[\[(]\s?([0-9]{1,3}),\s?1\s?[\])],\s?[\[(]\s?([0-9]{1,8}),\s?(1|10{1,6})\s?[\])],\s?"
    r"[\[(]\s?([0-9]{1,9}),\s?(10{0,7})\s?[\])]"
)
# NMEA has a comma before the letter, APRS has none and a sign behind it.
_NMEA = re.compile(r"(?<![0-9.])([0-9]{2,3})([0-9]{2}\.[0-9]{2,8})(?:,\s?([NSEW])(?!\w)|([NSEW])(?=[/\\\-_>#&]))")
_KEYED = re.compile(
    r"\"?deg(?:rees?)?\"?\s?[:=]\s?(-?)([0-9]{1,3}),\s?\"?min(?:utes?)?\"?\s?[:=]\s?([0-9]{1,2}(?:\.[0-9]+)?)"
    r"(?:,\s?\"?sec(?:onds?)?\"?\s?[:=]\s?([0-9]{1,2}(?:\.[0-9]+)?))?"
)
_ISO = re.compile(
    r"(?<![\w.])([+-])([0-9]{2})([0-9]{2})([0-9]{2})?(\.[0-9]+)?([+-])([0-9]{3})([0-9]{2})([0-9]{2})?(\.[0-9]+)?(?![0-9])"
)
_SCALED = re.compile(r"([-\u22120-9](?<![\w.].)[0-9]{6,10})(?![\w.])", re.DOTALL)
_BACKWARDS = re.compile(r"([0-9](?<![\w.].)[0-9]{2,14}\.[0-9]{1,3})(-?)(?![\w.])", re.DOTALL)
_BACKWARDS_SCALED = re.compile(r"([0-9](?<![\w.].)[0-9]{6,9})-(?![\w.])", re.DOTALL)
_FULL_CIRCLE = 180.0
_METRES = 111_320.0  # of a degree of latitude
_MARKED = 4  # decimals from which two numbers beside each other are a place without further signs


class Reading(NamedTuple):
    """One angle in `degrees` at a position of the text, exact to `step_m` metres. `sure` says that its own notation
    marks it as a coordinate.
    """

    at: int
    end: int
    degrees: float
    step_m: float
    sure: bool


def readings(
    text: str, marks: frozenset[str], near: Callable[[float], bool] = lambda _: True
) -> Iterator[tuple[str, Reading]]:
    """Yield (notation, reading). The plain decimal notation is "". `near` tells whether a latitude is that of a known
    place.
    """
    if "decimals" in marks:
        yield from (("", reading) for reading in decimals(text))
        for match in _COMMA.finditer(text):
            whole = match[1].replace("\u2212", "-")
            if whole == "-" or len(whole.lstrip("-")) > 3:
                continue
            number = float(f"{whole}.{match[2]}")
            yield "decimal comma", Reading(*match.span(), number, _step(len(match[2])), False)
        for match in _BACKWARDS.finditer(text):
            number = float(match[2] + match[1][::-1])
            yield "reversed", Reading(*match.span(), number, _step(match[1].index(".")), False)
    if "degrees" in marks:
        yield from _with_marks(text)
    if "angles" in marks:
        yield from _packed(text)
        yield from _sideless(text)
    if "scaled" in marks:
        yield from _scaled(text, near)


def _scaled(text: str, near: Callable[[float], bool]) -> Iterator[tuple[str, Reading]]:
    """Yield scaled whole numbers: all of the text if one of them is the latitude of a known place, else none."""
    found = [(*match.span(), match[1].replace("\u2212", "-")) for match in _SCALED.finditer(text)]
    found = [each for each in found if 7 <= len(each[2].lstrip("-")) <= 10]
    backwards = [(*match.span(), "-" + match[1][::-1]) for match in _BACKWARDS_SCALED.finditer(text)]
    backwards += [(at, end, digits[::-1]) for at, end, digits in found if digits.isdigit()]
    for notation, unit, step, numbers in (
        ("e7", 1e7, 0.01, found),
        ("e6", 1e6, 0.1, found),
        ("semicircles", 2**31 / 180, 0.01, found),
        ("e7 reversed", 1e7, 0.01, backwards),
    ):
        values = [int(digits) / unit for _, _, digits in numbers]
        if any(map(near, values)):
            for (at, end, _), degrees in zip(numbers, values, strict=True):
                yield notation, Reading(at, end, degrees, step, False)


def decimals(text: str) -> Iterator[Reading]:
    """Yield decimal degrees with three places and more. A compass letter between two numbers belongs to one of them
    only.
    """
    taken = 0
    for match in _DECIMAL.finditer(text):
        digits, side = match.groups()
        start = match.start()
        sign = text[start - 1 : start] if text[start - 1 : start] in _SIGNS else ""
        start -= len(sign)
        before, degrees, sure = text[start - 1 : start], float(digits), side is not None
        if degrees > _FULL_CIRCLE:
            continue
        if not sign:
            ahead = _SIDE_BEFORE.search(text[max(0, start - 4, taken) : start])
            if ahead and (not side or _NUMBER_NEXT.match(text, match.end())):
                side, sure = ahead[1], True
            elif side and (before == text[taken - 1 : taken] or not before.isalpha()):
                taken = match.end()
            elif before.isalpha() or before == "_":
                if text[max(0, start - 3) : start] not in ("!2d", "!3d", "!4d"):
                    continue
                sure = True
        elif before.isalpha() or before == "_":
            if text[max(0, start - 3) : start] not in ("!2d", "!3d", "!4d"):
                continue
            sure = True
        negative = sign in _MINUS or (side or "")[:1].upper() in ("S", "W")
        yield Reading(start, match.end(), -degrees if negative else degrees, _step(len(digits.split(".")[1])), sure)


def labelled(text: str, reading: Reading) -> bool:
    """Return whether the reading is marked as a coordinate, by its notation or by a word in front of it."""
    return reading.sure or _LABEL.search(text[max(0, reading.at - 30) : reading.at]) is not None


def _with_marks(text: str) -> Iterator[tuple[str, Reading]]:
    for match in _DMS.finditer(text):
        sign, degrees, minutes, seconds, side = match.groups()
        angle = _angle(degrees, minutes, seconds, sign != "" or side[0].upper() in "SW")
        yield "dms", Reading(*match.span(), angle, _step_of(minutes, seconds), True)
    for match in _DMS_FIRST.finditer(text):
        side, degrees, minutes, seconds = match.groups()
        angle = _angle(degrees, minutes, seconds, side.upper() in "SW")
        yield "dms", Reading(*match.span(), angle, _step_of(minutes, seconds), True)


def _packed(text: str) -> Iterator[tuple[str, Reading]]:
    for match in _XMP.finditer(text):
        degrees, minutes, seconds, side = match.groups()
        angle = _angle(degrees, minutes, seconds, side in "SW")
        yield "xmp", Reading(*match.span(), angle, _step_of(minutes, seconds), True)
    for match in _GLUED.finditer(text):
        degrees, minutes, seconds, side = match.groups()
        yield (
            "dms",
            Reading(*match.span(), _angle(degrees, minutes, seconds, side in "SW"), _step_of("", seconds), True),
        )
    for match in _NMEA.finditer(text):
        degrees, minutes, side, glued = match.groups()
        yield "nmea", Reading(*match.span(), _angle(degrees, minutes, None, (side or glued) in "SW"), 2, True)
    for match in _KEYED.finditer(text):
        sign, degrees, minutes, seconds = match.groups()
        yield (
            "dms",
            Reading(*match.span(), _angle(degrees, minutes, seconds, sign == "-"), _step_of(minutes, seconds), True),
        )
    for match in _ISO.finditer(text):
        first = _packed_angle(match[1], match[2], match[3], match[4], match[5])
        second = _packed_angle(match[6], match[7], match[8], match[9], match[10])
        yield "iso 6709", Reading(match.start(), match.start(6), first, 15, True)
        yield "iso 6709", Reading(match.start(6), match.end(), second, 15, True)


def _sideless(text: str) -> Iterator[tuple[str, Reading]]:
    """Yield EXIF's rational numbers, also as programs print them. The compass letter stands elsewhere, so both signs
    are given.
    """
    for match in (*_RATIONAL.finditer(text), *_PAIRS.finditer(text)):
        minutes = int(match[2]) / int(match[3])
        seconds = int(match[4]) / int(match[5]) if match[4] else 0.0
        angle = int(match[1]) + minutes / 60 + seconds / 3600
        for degrees in (angle, -angle):
            yield "exif", Reading(*match.span(), degrees, 15, True)
    for match in _TRIPLE.finditer(text):
        angle = _angle(match[1], match[2], match[3], negative=False)
        for degrees in (angle, -angle):
            yield "exif", Reading(*match.span(), degrees, 15, True)


def _angle(degrees: str, minutes: str, seconds: str | None, negative: bool) -> float:
    angle = int(degrees) + float(minutes) / 60 + float(seconds or 0) / 3600
    return -angle if negative else angle


def _packed_angle(sign: str, degrees: str, minutes: str, seconds: str | None, rest: str | None) -> float:
    """Return the angle. A fraction belongs to the last part that is present."""
    if seconds is None:
        return _angle(degrees, minutes + (rest or ""), None, sign == "-")
    return _angle(degrees, minutes, seconds + (rest or ""), sign == "-")


def _step(decimals_shown: int) -> float:
    """Return half of the last decimal place, in metres."""
    return float(_METRES * 10.0**-decimals_shown / 2)


def _step_of(minutes: str, seconds: str | None) -> float:
    if seconds is not None:
        return 1.5 if "." in seconds else 15.0
    shown = len(minutes.partition(".")[2])
    return float(_METRES / 60 * 10.0**-shown / 2)
