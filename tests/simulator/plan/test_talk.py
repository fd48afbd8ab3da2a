"""What is heard around a device: talk before a request, children, visitors with voices and secrets of their own."""

import itertools
from collections.abc import Sequence

import msgspec
import pytest

from gateway.identities import Identities
from simulator.device.fleet import FleetSettings, Mix, plan_fleet, told
from simulator.plan.planned import PlannedUtterance
from simulator.plan.talk import Talker, people_of
from simulator.sound.scenes import FRAME_MS, Saying, Scene, render
from simulator.sound.voices import load_voices
from simulator.world.households import make_identities
from simulator.world.truth import Speaker
from simulator.world.utterances import Word, load_phrasebook

REQUESTS = Mix(wake=0.7, button=0.3, false_wake=0, noise=0, muted=0)
VOICE = load_voices("understood")[0]


@pytest.fixture(scope="module")
def big() -> Identities:
    return make_identities(seed=7, households=20)


def _words(text: str) -> tuple[Word, ...]:
    return tuple(Word(text=word) for word in text.split())


def _scene(ring_ms: int, before: str = "We can leave in ten minutes.", gap_ms: int = 200) -> Scene:
    who = Speaker(person_id="H01-P2", household_id="H01")
    asks = Speaker(person_id="H01-P1", household_id="H01")
    return Scene(
        before=(Saying(voice=VOICE, words=_words(before), speaker=who),) if before else (),
        sayings=(Saying(voice=VOICE, words=_words("Alexa, stop."), gap_ms=gap_ms, speaker=asks),),
        backdrop="pink",
        snr_db=40.0,
        pre_roll_ms=ring_ms,
        seed=1,
    )


def test_the_stream_begins_as_far_before_the_wake_word_as_the_ring_reaches() -> None:
    starts = {}
    for ring_ms in (100, 500, 1_500):
        sound = render(_scene(ring_ms))
        (wake,) = [word for word in sound.words if word.text == "Alexa"]
        starts[ring_ms] = wake.start // 16
        assert all(0 <= word.start < word.end <= len(sound.pcm) for word in sound.words)
        assert len(sound.pcm) % (16 * FRAME_MS) == 0

    assert starts[500] - starts[100] == pytest.approx(400, abs=1)
    assert starts[1_500] - starts[500] == pytest.approx(1_000, abs=1)


def test_of_what_was_said_before_only_what_the_ring_held_is_heard() -> None:
    everything, little, nothing = (render(_scene(ring_ms)) for ring_ms in (5_000, 600, 100))

    assert [w.text for w in everything.words] == "We can leave in ten minutes Alexa stop".split()
    assert [w.text for w in little.words][-3:] == ["minutes", "Alexa", "stop"]
    assert len(little.words) < 8
    assert [w.text for w in nothing.words] == ["Alexa", "stop"]
    assert {who.person_id for who in little.speakers if who} == {"H01-P1", "H01-P2"}
    assert {who.person_id for who in nothing.speakers if who} == {"H01-P1"}


def test_a_word_the_ring_cut_apart_is_in_the_truth_and_in_the_transcript_while_half_of_it_is() -> None:
    whole = render(_scene(5_000))
    last = next(word for word in whole.words if word.text == "minutes")
    wake = next(word for word in whole.words if word.text == "Alexa")
    for left, told_too in ((0.8, True), (0.2, False)):
        ring = (wake.start - last.end + left * (last.end - last.start)) / 16
        # the wake word's first sample is some milliseconds after the saying's
        lead = render(_scene(1_000, before="", gap_ms=0)).words[0].start / 16 - 1_000
        cut = render(_scene(round(ring - lead)))

        assert [word.text for word in cut.words] == ["minutes", "Alexa", "stop"]
        assert cut.words[0].start == 0
        assert cut.words[0].end == pytest.approx(left * (last.end - last.start), abs=32)
        assert [word.text for word in cut.uttered] == ["minutes", "Alexa", "stop"][0 if told_too else 1 :]


def test_without_talk_before_the_request_a_scene_is_what_it_was() -> None:
    plain, short = render(_scene(400, before="", gap_ms=0)), render(_scene(400, before="Now.", gap_ms=3_000))

    assert plain.words[0].start == short.words[0].start, "what the ring has forgotten moves nothing"


def test_people_talk_before_a_request_and_children_do_both(big: Identities) -> None:
    chatty = FleetSettings(mix=REQUESTS, talk_before=1.0, talk_after=1.0, telling=0.0, utterances_per_device=6)
    said = plan_fleet(chatty, big).utterances
    lines = set(load_phrasebook().background.children)
    age = {m.person_id: m.age_group for home in big.households for m in home.members}

    assert all(len(u.scene.before) == 1 for u in said)
    assert all(100 <= u.scene.sayings[0].gap_ms < 900 for u in said)
    around = [
        (saying, " ".join(w.text for w in saying.words))
        for u in said
        for saying in (*u.scene.before, u.scene.sayings[1])
    ]
    childish = [saying for saying, text in around if text in lines]
    assert len(childish) > 10
    assert {age[saying.speaker.person_id] for saying in childish if saying.speaker} == {"child"}


@pytest.mark.slow
def test_a_visitor_speaks_in_the_voice_and_of_the_things_of_home(big: Identities) -> None:
    visited = FleetSettings(mix=REQUESTS, visits=0.5, talk_after=0.5, telling=1.0, utterances_per_device=8)
    plan = plan_fleet(visited, big)
    rows = [told(said, render(said.scene)) for said in plan.utterances[:60]]
    guests = [row for row in rows if row.visitors]

    assert not any(row.visitors for row in rows if row.household_id == "H01"), "nobody is before the first"
    assert len(guests) > 5
    order = [home.household_id for home in big.households]
    for row in guests:
        for who in row.visitors:
            assert 1 <= order.index(row.household_id) - order.index(who.household_id) <= 3
    voices: dict[str, set[str]] = {}
    for said in plan.utterances:
        for saying in said.scene.sayings:
            if saying.speaker:
                voices.setdefault(saying.speaker.person_id, set()).add(saying.voice.name)
    assert all(len(names) == 1 for names in voices.values())
    _says_what_the_speaker_has(plan.utterances, big)


def _says_what_the_speaker_has(utterances: Sequence[PlannedUtterance], identities: Identities) -> None:
    homes = {home.household_id: home for home in identities.households}
    checked = 0
    for said in utterances:
        for saying in said.scene.sayings:
            for slot, run in itertools.groupby(saying.words, key=lambda word: word.slot):
                if slot == "contact" and saying.speaker:
                    (word,) = run
                    names = {c.name.split()[0] for c in homes[saying.speaker.household_id].contacts if c.name}
                    assert word.text.strip(".,?") in names
                    checked += saying.speaker.household_id != said.household_id
    assert checked > 3


def test_visits_move_nothing_when_there_are_none(big: Identities) -> None:
    settings = FleetSettings(mix=REQUESTS)

    assert plan_fleet(msgspec.structs.replace(settings, visits=0.0), big) == plan_fleet(settings, big)
    some = big.model_copy(update={"households": big.households[:6]})
    guests = msgspec.structs.replace(settings, visits=0.7)
    assert plan_fleet(guests, some).devices == plan_fleet(guests, big).devices[: len(plan_fleet(guests, some).devices)]


def test_twins_have_nearly_one_voice_and_others_keep_theirs(big: Identities) -> None:
    def speakers(alike: float) -> list[tuple[Talker, ...]]:
        settings = FleetSettings(seed=7, alike=alike)
        return [people_of(home, settings, at) for at, home in enumerate(big.households)]

    seen = 0
    for plain, twins in zip(speakers(0.0), speakers(1.0), strict=True):
        first = twins[0]
        assert first.voice == plain[0].voice
        for one, was in zip(twins[1:], plain[1:], strict=True):
            assert one.member is not None
            assert first.member is not None
            if one.member.age_group == first.member.age_group:
                seen += 1
                assert (one.voice.accent, one.voice.variant) == (first.voice.accent, first.voice.variant)
                assert 0 < one.voice.pitch - first.voice.pitch <= len(twins)
            else:
                assert one.voice.sounds == was.voice.sounds
    assert seen >= 10
