"""Renders one evening of a household as an HTML page with spectrograms, words and the answer key."""

import base64
import html
import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

from gateway.wire import RATE_HZ, encode_wav
from simulator.device.fleet import told
from simulator.plan.plan import BEGAN_MS
from simulator.plan.planned import PlannedUtterance
from simulator.sound.scenes import Sound, render
from simulator.world.truth import Speaker, SpokenWord, Unsent, Utterance

_PX_PER_S = 130
_HEIGHT = 128
_FLOOR_DB, _TOP_DB = -10.0, 60.0
# dark to bright, as (position, red, green, blue)
_COLOURS = ((0.0, 13, 8, 35), (0.35, 92, 28, 110), (0.65, 214, 83, 60), (0.85, 250, 170, 60), (1.0, 252, 250, 190))

_STYLE = """
:root { color-scheme: light dark; --bg: #fbfaf7; --ink: #22242b; --dim: #6b6f7a; --line: #d9d6cd; --secret: #b3261e; }
@media (prefers-color-scheme: dark) {
  :root { --bg: #16171c; --ink: #e8e6e1; --dim: #9a9ca6; --line: #33353d; --secret: #ff8a80; } }
body { margin: 2rem auto; padding: 0 1.5rem; max-width: 1180px; background: var(--bg); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin-bottom: 0; } p.about { color: var(--dim); margin-top: .3rem; }
article { border-top: 1px solid var(--line); padding: 1rem 0 1.2rem; }
header { display: flex; flex-wrap: wrap; gap: .8rem; align-items: baseline; }
header b { font-variant-numeric: tabular-nums; } .tag { border: 1px solid var(--line); border-radius: 1em;
  padding: 0 .7em; } .keep { background: #2e7d3222; } .drop { background: #8881; } .dim { color: var(--dim); }
.scroll { overflow-x: auto; } .strip { position: relative; height: 168px; }
.strip img { display: block; height: 128px; image-rendering: pixelated; border-radius: 4px; }
.strip span { position: absolute; top: 131px; border-left: 1px solid var(--line); padding-left: 2px; overflow: hidden;
  white-space: nowrap; font-size: 12px; height: 34px; box-sizing: border-box; }
.strip span:nth-of-type(even) { padding-top: 15px; }
.strip span.secret { color: var(--secret); border-color: var(--secret); font-weight: 600; }
.strip i { position: absolute; top: 0; height: 128px; border-left: 2px solid #7fd4ff; }
p.missed { border-top: 1px solid var(--line); color: var(--dim); margin: 0; padding: .5rem 0; }
audio { height: 28px; margin-top: .3rem; }
"""


def evening(said: Sequence[PlannedUtterance], *, title: str, unsent: Sequence[Unsent] = ()) -> str:
    """A self-contained HTML page. It holds the answer key, so it says who lives there and what was said."""
    rows = [(each.at_ms, _article(each, render(each.scene))) for each in said]
    rows += [(each.at_ms, _missed(each)) for each in unsent]
    body = "\n".join(row for _, row in sorted(rows))
    about = (
        "Everything here is made up. Words in red give something away; their echo is part of them. "
        "The light line is where the device woke. The sound before it was in its ring buffer."
    )
    missed = f", {len(unsent)} more that were never sent" if unsent else ""
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style>'
        f'<h1>{html.escape(title)}</h1><p class="about">{len(said)} sounds{missed}. {about}</p>{body}</html>\n'
    )


def _article(said: PlannedUtterance, sound: Sound) -> str:
    seconds = len(sound.pcm) / RATE_HZ
    width = max(1, round(seconds * _PX_PER_S))
    words = "".join(_word(word) for word in sound.words)
    woke = f'<i style="left:{said.scene.pre_roll_ms / 1000 * _PX_PER_S:.0f}px"></i>' if said.scene.sayings else ""
    picture = base64.b64encode(spectrogram(sound.pcm, width)).decode()
    audio = base64.b64encode(encode_wav(sound.pcm.astype("<i2").tobytes())).decode()
    room = "" if said.scene.room is None else ", in a room"
    return (
        f"<article><header><b>{_clock(said.at_ms)}</b><b>{html.escape(said.utterance_id)}</b>"
        f'<span class="tag {said.expected}">{said.kind}: {said.expected}</span>{_who(told(said, sound))}'
        f'<span class="dim">{html.escape(said.intent)}, {seconds:.1f} s, {said.scene.backdrop} '
        f"{said.scene.snr_db:g} dB below{room}</span></header>"
        f'<div class="scroll"><div class="strip" style="width:{width}px">'
        f'<img alt="spectrogram of {html.escape(said.utterance_id)}" width="{width}" '
        f'src="data:image/png;base64,{picture}">{woke}{words}</div></div>'
        f'<audio controls preload="none" src="data:audio/wav;base64,{audio}"></audio></article>'
    )


def _word(word: SpokenWord) -> str:
    """A word below the picture. Its tooltip shows the whole word and the field it gives away."""
    told = html.escape(" ".join(filter(None, (word.text, word.secret))))
    left, width = (samples / RATE_HZ * _PX_PER_S for samples in (word.start, word.end - word.start))
    return (
        f'<span class="{"secret" if word.secret else ""}" title="{told}" '
        f'style="left:{left:.0f}px;width:{width:.0f}px">{html.escape(word.text)}</span>'
    )


def _who(said: Utterance) -> str:
    """The speakers in order. A visitor is shown with their home."""
    names = [html.escape(who.person_id) + _from(who, said) for who in said.speakers]
    return f"<span>{', '.join(names)}</span>" if names else ""


def _from(who: Speaker, said: Utterance) -> str:
    return f" <b>visiting from {html.escape(who.household_id)}</b>" if who in said.visitors else ""


def _missed(unsent: Unsent) -> str:
    return (
        f'<p class="missed"><b>{_clock(unsent.at_ms)}</b> <b>{html.escape(unsent.utterance_id)}</b> {unsent.kind} '
        f"({html.escape(unsent.intent)}): never sent, {unsent.why.replace('_', ' ')}</p>"
    )


def spectrogram(pcm: np.ndarray, width: int) -> bytes:
    """A spectrogram as PNG: `width` x 128 pixels, 0 to 8 kHz from the bottom, on a fixed scale of decibels."""
    from scipy.signal import stft

    step = max(1, len(pcm) // width)
    _, _, bins = stft(pcm.astype(np.float64), RATE_HZ, nperseg=255 + 1, noverlap=256 - min(step, 200), padded=True)
    power = 20 * np.log10(np.abs(bins[1 : _HEIGHT + 1]) + 1e-3)
    columns = np.linspace(0, power.shape[1] - 1, width).round().astype(int)
    level = np.clip((power[::-1, columns] - _FLOOR_DB) / (_TOP_DB - _FLOOR_DB), 0, 1)
    at, *channels = zip(*_COLOURS, strict=True)
    return png(np.stack([np.interp(level, at, channel) for channel in channels], axis=-1).astype(np.uint8))


def png(pixels: np.ndarray) -> bytes:
    """(rows, columns, 3) of uint8 as a PNG file."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", optimize=True)
    return file.getvalue()


def _clock(at_ms: int) -> str:
    """Time of day; a plan's day begins at midnight."""
    minutes = (at_ms - BEGAN_MS) // 60_000
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"
