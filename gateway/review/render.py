"""Values in, pages out: the templates and how they write durations, places and masked words."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import jinja2
from fastapi.responses import HTMLResponse
from markupsafe import Markup, escape

from gateway.contract.model import MaskClass
from gateway.review.player.waveform import COLUMNS, HEIGHT, waveform_path

_PLACEHOLDER = re.compile(r"(\[(?:" + "|".join(name.replace("_", " ") for name in get_args(MaskClass)) + r")\])")

WORDS: dict[str, str] = {
    "wake_word": "Wake word",
    "button": "Button press",
    "device_claim": "Device’s claim only",
    "no_transcript": "no transcript came in time",
    "language": "it is in a language that nobody here can redact",
    "untrusted_times": "its words could not be placed in time",
    "no_agreement": "sound and transcript do not agree on where its words are",
    "smart_home": "Smart home",
    "not_for_device": "Not meant for the device",
    "background_talk": "Background talk",
    "child": "Child",
    "adult": "Adult",
    "television": "Television or radio",
    "distress": "Distress or danger",
    "too_distressing": "Too distressing for me",
    "later": "Not now",
    "unclear": "Unclear",
    "technical": "It does not play",
    "nothing_intelligible": "Nothing intelligible",
}
# What each role's pages lead to, in the order shown.
NAV: dict[str, tuple[tuple[str, str], ...]] = {
    "reviewer": (("/queue", "Desk"), ("/customers", "Customers")),
    "lead": (("/queue", "Desk"), ("/workload", "Workload"), ("/customers", "Customers")),
    "auditor": (("/audit", "Log"), ("/workload", "Workload")),
    "safety_officer": (("/cases", "Cases"),),
    "safety_approver": (("/cases", "Cases"),),
    "administrator": (),
}
NOTICES: dict[str, str] = {
    "saved": "Your annotation is saved.",
    "withdrawn": "The clip is withdrawn and its audio and words are deleted.",
    "undone": "The clip is back.",
    "too_late": "That can no longer be taken back.",
    "quota": "You have had as many clips as one person may. Finish those you have, or come back tomorrow.",
    "listen": "Listen to the clip first. What you typed is kept.",
    "taken": "The clip was given to somebody else meanwhile. What you typed is kept as your draft.",
    "contact": "Yes: it matches one of this household’s contacts.",
    "no_contact": "No: it matches none of this household’s contacts.",
    "contact_limited": "No more tries: for this clip, or for you just now. On one clip one name is checked.",
    "contact_unknown": "That cannot be said for this clip.",
    "finished": "Nothing is left for you just now.",
}


def seconds(duration_ms: int) -> str:
    return f"{duration_ms / 1000:.1f} s"


def moment(recorded_on: str) -> str:
    """As a person writes it, at whatever grain is stored: `2019-04-10 07:12:31 UTC`, `2019-04-10`."""
    return recorded_on.replace("T", " ").replace("+00:00", " UTC")


def words(code: str) -> str:
    """A code as a person reads it."""
    return WORDS.get(code, code.replace("_", " ").capitalize())


def coordinates(latitude: float, longitude: float) -> str:
    """As maps write them: `42.19460° N, 122.70950° W`."""
    north, east = "N" if latitude >= 0 else "S", "E" if longitude >= 0 else "W"
    return f"{abs(latitude):.5f}° {north}, {abs(longitude):.5f}° {east}"


def marked(transcript: str) -> Markup:
    """The transcript with its typed placeholders set apart."""
    parts = _PLACEHOLDER.split(transcript)
    return Markup("").join(
        Markup("<mark>{}</mark>").format(p[1:-1]) if at % 2 else escape(p) for at, p in enumerate(parts)
    )


def page(name: str, status: int = 200, headers: Mapping[str, str] | None = None, **values: Any) -> HTMLResponse:
    """The template `name` with `values`; an unknown value in a template is an error, never a blank."""
    return HTMLResponse(_PAGES.get_template(name).render(values), status, dict(headers or {}))


def _pages() -> jinja2.Environment:
    pages = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters |= {
        "seconds": seconds,
        "words": words,
        "moment": moment,
        "marked": marked,
        "waveform": waveform_path,
    }
    pages.globals |= {"coordinates": coordinates, "columns": COLUMNS, "height": HEIGHT, "nav": NAV}
    return pages


_PAGES = _pages()
