"""A clip's transcript as a page shows it: words with their place in the sound, placeholders set apart."""

import re
from collections.abc import Mapping, Sequence
from typing import get_args

from markupsafe import Markup, escape

from gateway.contract.model import MaskClass
from gateway.review.forms.models import CoveredOut, WordOut
from gateway.word_times import CoveredPart, TimedWord

_PLACEHOLDER = re.compile(r"(\[(?:" + "|".join(name.replace("_", " ") for name in get_args(MaskClass)) + r")\])")
# How a covered part is drawn: by what a class is about. Its name stands beside it, so no one has to tell colours apart.
_FAMILIES: Mapping[str, tuple[MaskClass, ...]] = {
    "people": ("person", "contact"),
    "reach": ("phone", "email", "address", "ip_address", "mac_address"),
    "unclear": ("unclear",),
}

# Path data of one 8 x 8 tile of each family's pattern.
WEAVES: Sequence[tuple[str, str]] = (
    ("people", "M-1 9L9 -1M-1 1L1 -1M7 9L9 7"),
    ("reach", "M-1 -1L9 9M7 -1L9 1M-1 7L1 9"),
    ("digits", "M4 0V8"),
    ("unclear", "M4 3V5M0 0V1M0 7V8M8 0V1M8 7V8"),
    ("mixed", "M0 4H8M4 0V8"),
)


def words_out(transcript: str, times: Sequence[TimedWord]) -> list[WordOut]:
    """Times of milliseconds as seconds, each with the text it stands for."""
    return [
        WordOut.model_validate(
            {
                "at": each.first,
                "text": transcript[each.first : each.after],
                "start_s": _seconds(each.start_ms),
                "end_s": _seconds(each.end_ms),
                "masked": each.masked,
            }
        )
        for each in times
    ]


def covered_out(parts: Sequence[CoveredPart]) -> list[CoveredOut]:
    shown = [
        {"start_s": each.start_ms / 1000, "end_s": each.end_ms / 1000, "classes": [*each.classes]} for each in parts
    ]
    return [CoveredOut.model_validate(each) for each in shown]


def family(part: CoveredOut) -> str:
    """How a covered part is drawn: `people`, `reach` (how to reach somebody), `digits`, `unclear` or `mixed`."""
    found = {next((name for name, of in _FAMILIES.items() if each in of), "digits") for each in part.classes}
    return found.pop() if len(found) == 1 else "mixed"


def marked(text: str) -> Markup:
    """Text with its typed placeholders set apart."""
    parts = _PLACEHOLDER.split(text)
    return Markup("").join(
        Markup("<mark>{}</mark>").format(p[1:-1]) if at % 2 else escape(p) for at, p in enumerate(parts)
    )


def spoken(transcript: str, words: Sequence[WordOut]) -> Markup:
    """The transcript with the seconds of every word in `data-start` and `data-end`. What has no time is plain text."""
    html, at = Markup(""), 0
    for word in words:
        html += marked(transcript[at : word.at]) + _word(word)
        at = word.at + len(word.text)
    return html + marked(transcript[at:])


def _word(word: WordOut) -> Markup:
    text: Markup = marked(word.text) if word.masked else escape(word.text)
    if word.start_s is None or word.end_s is None:
        return text
    return Markup('<span class="word" data-start="{:.3f}" data-end="{:.3f}">{}</span>').format(
        word.start_s, word.end_s, text
    )


def _seconds(ms: int | None) -> float | None:
    return None if ms is None else ms / 1000
