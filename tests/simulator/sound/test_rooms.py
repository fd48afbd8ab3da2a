"""Rooms: sound comes as late as it is far, rings as long as the walls let it, and words stay exact through it."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.sound.rooms import Room, hear_through, response
from simulator.sound.scenes import Saying, Scene, Sound, render
from simulator.sound.voices import load_voices
from simulator.world.utterances import Word

ROOM = Room()
_RIPPLE = 12  # samples a delay between two samples rings before it
FAR, NEAR = (1.0, 3.0, 1.4), (2.6, 0.9, 1.2)


def _sound(room: Room | None, place: tuple[float, float, float] | None, **options: Any) -> Sound:
    words = (Word(text="Alexa,"), Word(text="call"), Word(text="Laura.", secret="contacts.name"))
    saying = Saying(voice=load_voices()[0], words=words, place_m=place)
    return render(Scene(sayings=(saying,), backdrop="pink", snr_db=60.0, tail_ms=900, room=room, seed=1, **options))


@given(x=st.floats(0.3, 4.3), y=st.floats(0.3, 3.5), z=st.floats(0.3, 2.3))
@settings(max_examples=20, deadline=None)
def test_the_direct_sound_arrives_when_it_has_come_so_far(x: float, y: float, z: float) -> None:
    far_m = math.dist((x, y, z), ROOM.device_m)
    heard = response(ROOM, (x, y, z))

    assert heard.direct == round(far_m / 343 * 16_000)
    loudness = np.abs(heard.taps)
    arriving = loudness[heard.direct - 1 : heard.direct + 2].max()
    before = loudness[: max(0, heard.direct - _RIPPLE)].max(initial=0.0)
    assert before < 0.3 * arriving or far_m < 0.3
    # From a corner two reflections arrive as one, up to four times as loud as the direct sound.
    assert arriving > 0.2 * loudness.max()


def test_a_click_is_heard_where_it_should_be() -> None:
    click = np.zeros(2_000)
    click[500] = 1.0

    heard = hear_through(click, response(ROOM, NEAR))

    assert abs(int(np.argmax(np.abs(heard))) - 500 - response(ROOM, NEAR).direct) <= 1


def test_hard_walls_ring_longer() -> None:
    tails = [response(Room(absorption=share), FAR).tail for share in (0.4, 0.25, 0.1)]

    assert tails == sorted(tails)
    assert 16_000 * 0.05 < tails[0] < tails[-1] < 16_000 * 0.7


def test_words_move_by_the_sounds_way_and_secrets_end_with_their_echo() -> None:
    dry, wet = _sound(None, None), _sound(ROOM, FAR)
    heard = response(ROOM, FAR)

    for before, after, uttered in zip(dry.words, wet.words, wet.uttered, strict=True):
        assert after.start == uttered.start == before.start + heard.direct
        assert uttered.end == before.end + heard.direct
        assert after.end == uttered.end + (heard.tail if after.secret else 0)


def test_where_a_secret_ends_little_of_it_is_left() -> None:
    sound = _sound(ROOM, FAR)
    name = sound.words[-1]
    pcm = sound.pcm.astype(np.float64)

    def level(begin: int, end: int) -> float:
        return float(10 * np.log10(np.mean(pcm[begin:end] ** 2)))

    assert level(name.end, name.end + 800) < level(name.start, sound.uttered[-1].end) - 25


def test_a_room_does_not_change_how_loud_a_talker_is() -> None:
    def level(sound: Sound) -> float:
        active = np.concatenate([sound.pcm[word.start : word.end] for word in sound.uttered]).astype(np.float64)
        return float(10 * np.log10(np.mean(active**2)))

    assert level(_sound(ROOM, FAR)) == pytest.approx(level(_sound(None, None)), abs=0.1)


def test_too_much_gain_clips() -> None:
    loud = _sound(None, None, amplified_db=30.0)

    assert int(np.abs(loud.pcm.astype(np.int32)).max()) >= 32_767
    assert np.mean(np.abs(loud.pcm.astype(np.int32)) >= 32_767) > 0.01


@pytest.mark.parametrize("place", [(9.0, 1.0, 1.0), (1.0, 0.0, 1.0)])
def test_nobody_stands_outside(place: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="the talker stands outside"):
        response(ROOM, place)
    with pytest.raises(ValueError, match="absorption"):
        response(Room(absorption=1.0), FAR)
