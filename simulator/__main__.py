"""`python -m simulator`: make households, or run a fleet of their devices against a broker."""

import ssl
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.live import Live

from gateway.files import BadFile
from gateway.identities import load_identities
from simulator.arrivals import HOUR_MS, Day
from simulator.assistant import Hearing
from simulator.clock import Clock
from simulator.faults import USUAL, Fault, Faults
from simulator.fleet import FleetSettings, plan_fleet, run_fleet
from simulator.households import make_identities
from simulator.link import LinkError, MqttLink
from simulator.live import Watch, screen
from simulator.speech import SpeechError
from simulator.truth import Truth
from simulator.voices import Which, load_voices

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="The world outside the gateway: made-up households, and a fleet of their devices that speaks MQTT.",
)

Seed = Annotated[int, typer.Option(min=0, help="The same seed gives the same people, words and sounds.")]
Secret = Annotated[str | None, typer.Option(show_default=False)]


@app.command()
def identities(
    out: Annotated[Path, typer.Option(help="The file to write.", show_default=False)],
    seed: Seed = 7,
    households: Annotated[int, typer.Option(min=1, max=200, help="How many homes.")] = 20,
    town: Annotated[
        list[str] | None,
        typer.Option(help='Where they live, such as "Ashland, OR"; repeat it: homes take them in turn.'),
    ] = None,
    with_secrets: Annotated[
        bool,
        typer.Option(
            "--with-secrets/--provisioning",
            help="With cards, accounts and social security numbers (for the fleet and the leak search), or "
            "without: the file a gateway may be given.",
        ),
    ] = False,
) -> None:
    """Write identities.json.

    \b
    A harness needs both kinds, made from one seed:
      python -m simulator identities --out identities.json --with-secrets
      python -m simulator identities --out provisioning.json
    """
    with _one_line():
        made = make_identities(seed=seed, households=households, live_in=town or ())
        _write(out, (made if with_secrets else made.without_secrets()).to_json())
    typer.echo(f"{out}: {households} households")


@app.command()
def fleet(
    broker: Annotated[str, typer.Option(help="mqtt://host:port or mqtts://host:port.", show_default=False)],
    ca: Annotated[
        Path | None, typer.Option(help="Certificate that signs the broker's, for mqtts://.", show_default=False)
    ] = None,
    identities: Annotated[
        Path | None, typer.Option(help="Your households; else --households are made up.", show_default=False)
    ] = None,
    seed: Seed = 7,
    households: Annotated[int, typer.Option(min=1, max=200, help="How many homes to make up.")] = 20,
    utterances: Annotated[int, typer.Option(min=1, help="How many things each device sends.")] = 4,
    snr_db: Annotated[float, typer.Option(help="Speech over noise, television or babble.")] = 20.0,
    voices: Annotated[str, typer.Option(help="understood (by the wake engine, as measured) or any.")] = "understood",
    factor: Annotated[
        float | None,
        typer.Option(min=0.01, help="Simulated seconds per second; left out, as fast as it goes.", show_default=False),
    ] = None,
    word_error_rate: Annotated[float, typer.Option(min=0, max=1, help="Of the automatic transcript.")] = 0.0,
    fault: Annotated[
        list[str] | None,
        typer.Option(help="KIND:SHARE of messages, such as drop:0.02; repeat it for more.", show_default=False),
    ] = None,
    live: Annotated[bool, typer.Option("--live/--plain", help="A live display (on a terminal) or plain lines.")] = True,
    topic_root: Annotated[str, typer.Option(help="Prefix of every topic.")] = "",
    username: Secret = None,
    password: Annotated[str | None, typer.Option(envvar="EARLID_MQTT_PASSWORD", show_default=False)] = None,
    assistant_username: Secret = None,
    assistant_password: Annotated[
        str | None, typer.Option(envvar="EARLID_ASSISTANT_PASSWORD", show_default=False)
    ] = None,
    truth: Annotated[
        Path | None,
        typer.Option(help="Write the answer key here. It holds every secret: keep it private.", show_default=False),
    ] = None,
) -> None:
    """Run a fleet against the gateway behind a broker and say what became of each utterance.

    Devices wait for receipts and send again, at most three times; a gateway that does not answer the watermark
    ends the run. Passwords are best given in the environment.
    """
    if voices not in ("understood", "any"):
        raise typer.BadParameter("understood or any", param_hint="--voices")
    which: Which = "any" if voices == "any" else "understood"
    with _one_line(), ExitStack() as open_links:
        homes = load_identities(identities) if identities else make_identities(seed=seed, households=households)
        trust = trusting(ca)
        link = MqttLink(broker, username=username, password=password, topic_root=topic_root, tls=trust)
        open_links.callback(link.close)
        talk = MqttLink(
            broker,
            username=assistant_username or username,
            password=assistant_password or password,
            topic_root=topic_root,
            listens=False,
            tls=trust,
        )
        open_links.callback(talk.close)
        settings = FleetSettings(
            seed=seed,
            households=len(homes.households),
            utterances_per_device=utterances,
            snr_db=snr_db,
            voices=which,
        )
        plan = plan_fleet(settings, homes)
        typer.echo(f"{len(homes.households)} homes, {len(plan.devices)} devices, {len(plan.utterances)} utterances")
        faults = Faults(seed=seed, faults=[_fault(text) for text in fault or ()])
        watch = Watch(devices=len(plan.devices), utterances=len(plan.utterances), factor=factor)
        watch.faults = lambda: faults.counts
        shown = live and sys.stdout.isatty()
        if shown:
            open_links.enter_context(Live(get_renderable=lambda: screen(watch), refresh_per_second=4))
        told = run_fleet(
            plan,
            link=link,
            transcripts=talk,
            clock=Clock(factor=factor),
            topic_root=topic_root,
            hearing=Hearing(word_error_rate=word_error_rate),
            faults=faults,
            watch=watch,
            on_progress=(lambda _done, _total: None) if shown else _progress,
        )
        if truth is not None:
            _write(truth, msgspec.json.encode(told), private=True)
        typer.echo(_summary(told))
        if told.pace is not None:
            late = f"late by {told.pace.p50_ms:.0f} ms in the median, {told.pace.p99_ms:.0f} ms at p99"
            typer.echo(late if told.pace.valid else f"{late}: NOT VALID, the fleet could not keep its own time")
            if not told.pace.valid:
                raise typer.Exit(3)


@app.command()
def evening(
    out: Annotated[Path, typer.Option(help="The page to write. It names people: keep it private.", show_default=False)],
    seed: Seed = 7,
    household: Annotated[int, typer.Option(min=1, max=200, help="Which home, counted from 1.")] = 1,
    identities: Annotated[Path | None, typer.Option(help="Your households.", show_default=False)] = None,
    per_day: Annotated[float, typer.Option(min=1, help="Utterances of a device and day, in the mean.")] = 40.0,
) -> None:
    """One evening of one home, to look at and listen to: spectrogram, words, truth; a page that needs only itself."""
    from simulator.evening import evening as page

    with _one_line():
        homes = load_identities(identities) if identities else make_identities(seed=seed, households=household)
        if household > len(homes.households):
            raise BadFile(f"--household: there are {len(homes.households)}")
        day = Day(per_day=per_day, television_share=1.0)
        settings = FleetSettings(seed=seed, day=day, in_rooms=1.0, backdrops=("pink", "babble", "dishes", "music"))
        label = homes.households[household - 1].household_id
        hours = range(settings.began_ms + 18 * HOUR_MS, settings.began_ms + 23 * HOUR_MS)
        plan = plan_fleet(settings, homes)
        said = [each for each in plan.utterances if each.household_id == label and each.at_ms in hours]
        said.sort(key=lambda each: each.at_ms)
        _write(out, page(said, title=f"An evening of {label}").encode(), private=True)
    typer.echo(f"{out}: {len(said)} sounds from 18:00 to 23:00")


@app.command()
def voices(
    every: Annotated[int, typer.Option(min=1, help="Take every n-th speaker only.")] = 1,
) -> None:
    """Measure anew whom the wake engine hears: the speakers chosen because it does, and all the others."""
    from simulator.recall import engine, recall

    rows = recall(load_voices("any")[::every], engine())
    typer.echo(f"{'speakers':<22}{'count':>6}{'words':>7}{'clean':>8}{'15 dB':>8}")
    for row in rows:
        typer.echo(f"{row.group:<22}{row.voices:>6}{row.said:>7}{row.clean:>8.3f}{row.noisy:>8.3f}")


def trusting(ca: Path | None) -> ssl.SSLContext | None:
    """Whom a link trusts over mqtts://; None for the system's certificates. Raises BadFile."""
    try:
        return ssl.create_default_context(cafile=ca) if ca else None
    except OSError as error:
        raise BadFile(f"{ca}: {error.strerror or 'no certificate'}") from None


def _fault(text: str) -> Fault:
    kind, _, share = text.partition(":")
    try:
        return msgspec.convert({"kind": kind, "share": float(share or 1.0)}, Fault)
    except (msgspec.ValidationError, ValueError):
        raise typer.BadParameter(f"{text}: KIND:SHARE; kinds: {', '.join(USUAL)}", param_hint="--fault") from None


def _progress(done: int, total: int) -> None:
    if done % max(1, total // 10) == 0 or done == total:
        typer.echo(f"{done} of {total} utterances answered")


def _summary(told: Truth) -> str:
    counts: dict[str, int] = {}
    for delivery in told.deliveries:
        outcome = delivery.outcome or "unanswered"
        counts[outcome] = counts.get(outcome, 0) + 1
    return ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))


def _write(path: Path, content: bytes, *, private: bool = False) -> None:
    try:
        if private:
            path.touch(mode=0o600)
        path.write_bytes(content)
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror or 'cannot be written'}") from None


@contextmanager
def _one_line() -> Iterator[None]:
    """What a person has to mend is one line and exit code 2."""
    try:
        yield
    except (BadFile, LinkError, SpeechError) as error:
        typer.echo(f"simulator: {error}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    app()
