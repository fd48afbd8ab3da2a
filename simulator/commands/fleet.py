"""`earlid simulate fleet`: run a fleet against the gateway behind a broker and report each utterance's result."""

import ssl
import sys
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.live import Live

from gateway.files import BadFile
from gateway.identities import Identities, load_identities
from simulator.commands.options import Seed, Towns, one_line, write
from simulator.device.assistant import USUAL, Hearing
from simulator.device.clock import Clock
from simulator.device.fleet import FleetSettings, Plan, plan_fleet, run_fleet
from simulator.device.live_display import Watch, screen
from simulator.links.fault_kinds import USUAL as USUAL_FAULTS
from simulator.links.fault_kinds import Fault
from simulator.links.faults import Faults
from simulator.links.link import Link, MqttLink
from simulator.plan.first_stage import Wakes
from simulator.plan.outages import Outages
from simulator.plan.planned import SEND_ONCE, Habits
from simulator.sound.recordings import Corpus, read_corpus
from simulator.sound.scene_file import encode_scenes, scenes_beside
from simulator.sound.voices import Which
from simulator.world.households import make_identities
from simulator.world.truth import LONG_SILENCE_S, Truth
from simulator.world.utterances import Ways

Broker = Annotated[str, typer.Option(help="mqtt://host:port or mqtts://host:port.", show_default=False)]
Ca = Annotated[Path | None, typer.Option(help="Certificate that signs the broker's, for mqtts://.", show_default=False)]
Ids = Annotated[
    Path | None, typer.Option(help="File of your households. Without it --households are made up.", show_default=False)
]
Homes = Annotated[int, typer.Option(min=1, max=200, help="How many homes to make up.")]
Count = Annotated[int, typer.Option(min=1, help="How many things can be heard around each device.")]
Snr = Annotated[float, typer.Option(help="Speech over noise, television or babble.")]
Voices = Annotated[
    Which,
    typer.Option(help="understood: voices that the wake engine was measured to hear; any; neural: of earlid[voices]."),
]
Sleep = Annotated[
    Wakes,
    typer.Option(
        help="measured: devices wake at the shares measured of a permissive wake engine; every_sound: at every sound."
    ),
]
Ring = Annotated[int, typer.Option(min=0, max=5_000, help="Milliseconds before the wake-up that a device streams too.")]
Reboots = Annotated[float, typer.Option(min=0, help="Mean number of reboots of a device.")]
Offline = Annotated[float, typer.Option(min=0, help="Mean number of times a device is offline.")]
Visits = Annotated[float, typer.Option(min=0, max=1, help="Share of requests by somebody of another home.")]
Before = Annotated[float, typer.Option(min=0, max=1, help="Share of requests with talk before them.")]
Rooms = Annotated[float, typer.Option(min=0, max=1, help="Share of sounds heard through a room.")]
Distress = Annotated[float, typer.Option(min=0, max=1, help="Share of false wakes that are cries for help.")]
Numbers = Annotated[Ways, typer.Option(help="people: double five, zero, names spelled out.")]
Factor = Annotated[
    float | None,
    typer.Option(
        min=0.01,
        help="Simulated seconds per second. Without it the fleet runs as fast as possible.",
        show_default=False,
    ),
]
Once = Annotated[
    bool,
    typer.Option("--send-once", help="For a gateway without receipts: devices do not wait for one. Needs --factor."),
]
Errors = Annotated[float, typer.Option(min=0, max=1, help="Word error rate of the automatic transcript.")]
FaultTexts = Annotated[
    list[str] | None,
    typer.Option("--fault", help="KIND:SHARE of messages, such as drop:0.02; repeat it for more.", show_default=False),
]
Shown = Annotated[bool, typer.Option("--live/--plain", help="A live display (on a terminal) or plain lines.")]
Root = Annotated[str, typer.Option(help="Prefix of every topic.")]
User = Annotated[str | None, typer.Option(show_default=False)]
Password = Annotated[str | None, typer.Option(envvar="EARLID_MQTT_PASSWORD", show_default=False)]
TalkPassword = Annotated[str | None, typer.Option(envvar="EARLID_ASSISTANT_PASSWORD", show_default=False)]
TruthFile = Annotated[
    Path | None,
    typer.Option(help="Write the answer key here. It holds every secret: keep it private.", show_default=False),
]

Recordings = Annotated[
    Path | None,
    typer.Option(
        help="Your own recordings beside the voices: a folder with wake/ and other/ (FLAC, WAV, Ogg; words in .txt).",
        show_default=False,
    ),
]
Recorded = Annotated[float, typer.Option(min=0, max=1, help="Share of what is said that is recorded.")]


def fleet(
    broker: Broker,
    ca: Ca = None,
    identities: Ids = None,
    seed: Seed = 7,
    households: Homes = 20,
    town: Towns = None,
    utterances: Count = 4,
    snr_db: Snr = 20.0,
    voices: Voices = "understood",
    wakes: Sleep = "measured",
    ring_ms: Ring = 500,
    reboots: Reboots = 0.0,
    offline: Offline = 0.0,
    visits: Visits = 0.0,
    talk_before: Before = 0.0,
    in_rooms: Rooms = 0.0,
    distress: Distress = 0.0,
    ways: Numbers = "plain",
    recordings: Recordings = None,
    recorded: Recorded = 1.0,
    factor: Factor = None,
    send_once: Once = False,
    word_error_rate: Errors = USUAL.word_error_rate,
    fault: FaultTexts = None,
    live: Shown = True,
    topic_root: Root = "",
    username: User = None,
    password: Password = None,
    assistant_username: User = None,
    assistant_password: TalkPassword = None,
    truth: TruthFile = None,
) -> None:
    """Run a fleet against the gateway behind a broker and report the result of each utterance.

    Devices wait for receipts and send an utterance at most three times. The run ends if the gateway does not answer the
    watermark, except with --send-once. Give passwords in the environment.
    """
    if send_once and factor is None:
        raise typer.BadParameter("wants --factor: nobody says how fast a gateway is", param_hint="--send-once")
    with one_line():
        corpus = read_corpus(recordings) if recordings else Corpus()
    settings = FleetSettings(
        seed=seed, recordings=corpus, recorded=recorded,
        utterances_per_device=utterances, snr_db=snr_db, voices=voices, wakes=wakes, ring_ms=ring_ms,
        outages=Outages(reboots=reboots, offline=offline), visits=visits, talk_before=talk_before, in_rooms=in_rooms,
        distress=distress, ways=ways, habits=SEND_ONCE if send_once else Habits(),
    )  # fmt: skip
    hearing = msgspec.structs.replace(USUAL, word_error_rate=word_error_rate)
    talker = (assistant_username or username, assistant_password or password)
    with one_line():
        plan = plan_fleet(settings, _homes(identities, seed, households, town))
        faults = Faults(seed=seed, faults=[_fault(text) for text in fault or ()])
        with ExitStack() as links:
            link = _link(links, broker, ca, topic_root, (username, password), listens=not send_once)
            talk = _link(links, broker, ca, topic_root, talker, listens=False)
            shown = live and sys.stdout.isatty()
            told = _run(plan, link, talk, Clock(factor=factor), topic_root, hearing=hearing, faults=faults, live=shown)
        if truth is not None:
            write(truth, msgspec.json.encode(told), private=True)
            scenes = {each.utterance_id: each.scene for each in plan.utterances}
            write(scenes_beside(truth), encode_scenes(scenes), private=True)
    _say(told)


def _homes(identities: Path | None, seed: int, households: int, town: list[str] | None) -> Identities:
    if identities is not None:
        return load_identities(identities)
    return make_identities(seed=seed, households=households, live_in=town or ())


def _link(
    links: ExitStack,
    broker: str,
    ca: Path | None,
    topic_root: str,
    who: tuple[str | None, str | None],
    *,
    listens: bool,
) -> MqttLink:
    username, password = who
    link = MqttLink(
        broker, username=username, password=password, topic_root=topic_root, listens=listens, tls=trusting(ca)
    )
    links.callback(link.close)
    return link


def _run(
    plan: Plan,
    link: Link,
    talk: Link,
    clock: Clock,
    topic_root: str,
    *,
    hearing: Hearing,
    faults: Faults,
    live: bool,
) -> Truth:
    typer.echo(f"{len(plan.devices)} devices, {len(plan.utterances)} utterances to send")
    watch = Watch(devices=len(plan.devices), utterances=len(plan.utterances), factor=clock.factor)
    watch.faults = lambda: faults.counts
    with ExitStack() as shown:
        if live:
            shown.enter_context(Live(get_renderable=lambda: screen(watch), refresh_per_second=4))
        return run_fleet(
            plan,
            link=link,
            transcripts=talk,
            clock=clock,
            topic_root=topic_root,
            hearing=hearing,
            faults=faults,
            watch=watch,
            on_progress=(lambda _done, _total: None) if live else _progress,
        )


def trusting(ca: Path | None) -> ssl.SSLContext | None:
    """The TLS context for mqtts://, or None for the system's certificates. Raises BadFile."""
    try:
        return ssl.create_default_context(cafile=ca) if ca else None
    except OSError as error:
        raise BadFile(f"{ca}: {error.strerror or 'no certificate'}") from None


def _fault(text: str) -> Fault:
    kind, _, share = text.partition(":")
    try:
        return msgspec.convert({"kind": kind, "share": float(share or 1.0)}, Fault)
    except (msgspec.ValidationError, ValueError):
        raise typer.BadParameter(
            f"{text}: KIND:SHARE; kinds: {', '.join(USUAL_FAULTS)}", param_hint="--fault"
        ) from None


def _progress(done: int, total: int) -> None:
    if done % max(1, total // 10) == 0 or done == total:
        typer.echo(f"{done} of {total} utterances done")


def _say(told: Truth) -> None:
    """Print the result in one line, and how late a paced fleet was. A fleet that was too late ends with exit code 3."""
    outcomes = Counter(delivery.outcome or "unanswered" for delivery in told.deliveries)
    sent = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
    why = Counter(each.why.replace("_", " ") for each in told.unsent)
    unsent = ", ".join(f"{count} {reason}" for reason, count in sorted(why.items()))
    typer.echo(f"{sent or 'nothing was sent'}{f'; never sent: {unsent}' if unsent else ''}")
    if told.silence_s is not None and told.silence_s >= LONG_SILENCE_S:
        typer.echo(f"the gateway was waited for and said nothing for {told.silence_s:.0f} s")
    if told.pace is None:
        return
    late = f"late by {told.pace.p50_ms:.0f} ms in the median, {told.pace.p99_ms:.0f} ms at p99"
    if told.pace.valid:
        typer.echo(late)
        return
    waited = f"the gateway held the fleet up, for {told.pace.longest_wait_ms / 1000:.1f} s at the longest"
    typer.echo(f"{late}: NOT VALID, {waited if told.pace.held_up else 'the fleet could not keep its own time'}")
    raise typer.Exit(3)
