"""The page of an evening: everything said is on it, where it was said, and it needs nothing but itself."""

import io
import re
import stat
from pathlib import Path

import numpy as np
from PIL import Image
from typer.testing import CliRunner

from gateway.identities import Identities
from simulator.__main__ import app
from simulator.commands.evening import evening, spectrogram
from simulator.plan.plan import FleetSettings, plan_fleet


def test_it_shows_every_word_where_it_is(identities: Identities) -> None:
    said = plan_fleet(FleetSettings(talk_after=1.0), identities).utterances[:3]

    page = evening(said, title="<H01>")

    assert "&lt;H01&gt;" in page
    assert page.count("<article>") == page.count("data:image/png") == page.count("data:audio/wav") == 3
    assert not re.search(r'(src|href)="(?!data:)', page)
    for each in said:
        for saying in each.scene.sayings:
            for word in saying.words:
                assert f">{word.text.strip('.,?!')}</span>" in page
    assert page.count('class="secret"') == sum(
        bool(w.secret) for each in said for saying in each.scene.sayings for w in saying.words
    )


def test_it_shows_who_spoke_where_the_device_woke_and_what_it_never_sent(identities: Identities) -> None:
    visited = FleetSettings(visits=1.0, talk_before=1.0, wakes="measured", utterances_per_device=6)
    plan = plan_fleet(visited, identities)
    said = [each for each in plan.utterances if each.scene.before][-4:]

    page = evening(said, title="x", unsent=plan.unsent[-3:])

    guests = {who for each in said for saying in each.scene.sayings if (who := saying.speaker)}
    for who in guests:
        assert who.person_id in page
    assert sum(f"visiting from {who.household_id}" in page for who in guests) > 0
    assert page.count('<i style="left:65px">') == 4, "half a second in"
    assert page.count("never sent, not woken") == 3
    times = re.findall(r"<b>(\d\d:\d\d)</b>", page)
    assert times == sorted(times)
    assert len(times) == 7


def test_a_tone_stands_at_its_pitch() -> None:
    tone = (np.sin(2 * np.pi * 2_000 * np.arange(16_000) / 16_000) * 8_000).astype(np.int16)
    picture = Image.open(io.BytesIO(spectrogram(tone, 100)))

    bright = np.asarray(picture)[:, 50].sum(axis=1)
    assert (picture.format, picture.size) == ("PNG", (100, 128))
    assert abs(int(np.argmax(bright)) - (128 - 32)) <= 1


def test_the_command_writes_a_private_page(tmp_path: Path) -> None:
    out = tmp_path / "evening.html"

    result = CliRunner().invoke(app, ["evening", "--out", str(out), "--per-day", "10"])

    assert result.exit_code == 0, result.stderr
    assert re.search(r"\d+ sounds from 18:00 to 23:00", result.stdout)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
