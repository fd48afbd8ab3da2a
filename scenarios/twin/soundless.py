"""Removes from views what a spoken secret changes by its sound alone: durations and loudness.

In a spoken twin other words are said. A longer name gives a longer silence after redaction. `timing` measures this
difference. The check spoken_secrets judges the sound itself.
"""

import json
import re
from collections.abc import Iterable

import msgspec

from scenarios.twin.difference import View

_SOUND_KEYS = ("duration_ms", "peaks", "start_s", "end_s", "covered")
_SIZES = ("content-length", "content-range")
_SHORT_NUMBER = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d+)?(?![\w])|\b\d{1,3}\.\d(?= ?s\b)")
_DRAWING = re.compile(r"""\b(?:d|points|height|y|style)=("[^"]*"|'[^']*')""")


def soundless(views: Iterable[View]) -> tuple[View, ...]:
    """The same views without sound, lengths and waveforms.

    Numbers of up to three digits on pages are blanked too, because they may be lengths. The JSON API shows the same
    facts and is compared.
    """
    return tuple(map(_soundless, views))


def timing(views: Iterable[View]) -> dict[str, int]:
    """The length of each clip in milliseconds, as the reviewer's API states it."""
    found: dict[str, int] = {}
    for view in views:
        if view.role == "reviewer" and view.clip and view.name == "GET /api/clips/{ref}" and view.status == 200:
            found[view.clip] = int(json.loads(view.body).get("duration_ms") or 0)
    return found


def _soundless(view: View) -> View:
    headers = tuple((name, "" if name in _SIZES else value) for name, value in view.headers)
    kind = dict(view.headers).get("content-type", "")
    if kind.startswith(("audio/", "application/octet-stream")):
        body = b""
    elif "json" in kind:
        body = _json(view.body)
    elif kind.startswith("text/html"):
        text = _DRAWING.sub("drawn", view.body.decode("utf-8", "replace"))
        body = _SHORT_NUMBER.sub("0", text).encode()
    else:
        body = view.body
    return msgspec.structs.replace(view, headers=headers, body=body)


def _json(body: bytes) -> bytes:
    try:
        return json.dumps(_blanked(json.loads(body))).encode()
    except ValueError:
        return body


def _blanked(value: object) -> object:
    if isinstance(value, dict):
        return {key: None if key in _SOUND_KEYS else _blanked(inner) for key, inner in value.items()}
    return [_blanked(inner) for inner in value] if isinstance(value, list) else value
