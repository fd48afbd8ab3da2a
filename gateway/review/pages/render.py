"""Renders templates: durations, places and masked words as people write them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jinja2
from fastapi.responses import HTMLResponse

from gateway.review.player.transcript import WEAVES, family, marked, spoken
from gateway.review.player.waveform import COLUMNS, HEIGHT, waveform_path

WORDS: dict[str, str] = {
    "wake_word": "Wake word",
    "button": "Button press",
    "imported": "Imported",
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
    "intent": "What was asked for",
    "effective": "Effect",
    "false_activation": "False activation",
    "words": "Words",
    "heard": "What else was heard",
    "account_sign_out": "Sign out everywhere",
    "account_disable": "Disable: out at once, until enabled",
    "account_enable": "Enable, with the password as it was",
    "account_reset": "Reset: take password and second factors away, invite anew",
    "nothing_intelligible": "Nothing intelligible",
}
# What each role's pages lead to, in the order shown.
NAV: dict[str, tuple[tuple[str, str], ...]] = {
    "reviewer": (("/queue", "Desk"), ("/customers", "Customers")),
    "lead": (
        ("/queue", "Desk"),
        ("/verification", "Verification"),
        ("/workload", "Workload"),
        ("/customers", "Customers"),
    ),
    "auditor": (("/audit", "Log"), ("/agreement", "Agreement"), ("/workload", "Workload")),
    "safety_officer": (("/cases", "Cases"),),
    "safety_approver": (("/cases", "Cases"),),
    "administrator": (("/people", "People"),),
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
    "settled": "That answer holds now.",
    "passkey_added": "The passkey is added. It takes the place of a code when you sign in.",
    "passkey_removed": "The passkey is removed.",
    "invited": "The account is there. Its person needs the link.",
    "sign_out": "That person is signed out everywhere.",
    "disable": "That account is disabled, and its sessions have ended.",
    "enable": "That account is enabled again.",
    "reset": "Password, second factors and sessions are gone. Its person needs the link.",
    "elsewhere": "Every other session of yours has ended.",
    "finished": "Nothing is left for you just now.",
}


def seconds(duration_ms: int) -> str:
    return f"{duration_ms / 1000:.1f} s"


def percent(share: float) -> str:
    """A share of a length as a drawing takes it: 0.125 -> `12.50%`."""
    return f"{share * 100:.2f}%"


def moment(recorded_on: str) -> str:
    """As a person writes it, at whatever grain is stored: `2019-04-10 07:12:31 UTC`, `2019-04-10`."""
    return recorded_on.replace("T", " ").replace("+00:00", " UTC")


def day_time(at: float) -> str:
    """A moment in seconds as a person writes it, to the minute, in UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")


def words(code: str) -> str:
    """A code as a person reads it."""
    return WORDS.get(code, code.replace("_", " ").capitalize())


def coordinates(latitude: float, longitude: float) -> str:
    """As maps write them: `42.19460° N, 122.70950° W`."""
    north, east = "N" if latitude >= 0 else "S", "E" if longitude >= 0 else "W"
    return f"{abs(latitude):.5f}° {north}, {abs(longitude):.5f}° {east}"


def page(name: str, status: int = 200, headers: Mapping[str, str] | None = None, **values: Any) -> HTMLResponse:
    """Render the template `name` with `values`. An unknown value in a template is an error and not a blank."""
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
        "day_time": day_time,
        "family": family,
        "marked": marked,
        "spoken": spoken,
        "percent": percent,
        "waveform": waveform_path,
    }
    pages.globals |= {"coordinates": coordinates, "columns": COLUMNS, "height": HEIGHT, "nav": NAV, "weaves": WEAVES}
    return pages


_PAGES = _pages()
