"""`python -m simulator`: make households, run a fleet of their devices, look at one evening, measure voices anew."""

from pathlib import Path
from statistics import fmean
from typing import Annotated

import typer
import yaml

from gateway.files import BadFile
from gateway.identities import load_identities
from simulator.commands.fleet import fleet
from simulator.commands.fleet import trusting as trusting
from simulator.commands.options import Seed, Towns, one_line, write
from simulator.device.fleet import FleetSettings, plan_fleet
from simulator.plan.outages import Outages
from simulator.sound.voices import Which, load_voices
from simulator.world.arrivals import HOUR_MS, Day
from simulator.world.households import make_identities
from simulator.world.utterances import load_phrasebook

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="The world outside the gateway: made-up households, and a fleet of their devices that speaks MQTT.",
)
app.command()(fleet)


@app.command()
def identities(
    out: Annotated[Path, typer.Option(help="The file to write.", show_default=False)],
    seed: Seed = 7,
    households: Annotated[int, typer.Option(min=1, max=100_000, help="How many homes.")] = 20,
    town: Towns = None,
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
      earlid simulate identities --out identities.json --with-secrets
      earlid simulate identities --out provisioning.json
    """
    with one_line():
        made = make_identities(seed=seed, households=households, live_in=town or ())
        write(out, (made if with_secrets else made.without_secrets()).to_json())
    typer.echo(f"{out}: {households} households")


@app.command()
def evening(
    out: Annotated[Path, typer.Option(help="The page to write. It names people: keep it private.", show_default=False)],
    seed: Seed = 7,
    household: Annotated[int, typer.Option(min=1, max=200, help="Which home, counted from 1.")] = 1,
    identities: Annotated[Path | None, typer.Option(help="Your households.", show_default=False)] = None,
    per_day: Annotated[float, typer.Option(min=1, help="Utterances of a device and day, in the mean.")] = 40.0,
) -> None:
    """One evening of one home, to look at and listen to: spectrogram, words, truth; a page that needs only itself."""
    from simulator.commands.evening import evening as page

    with one_line():
        homes = load_identities(identities) if identities else make_identities(seed=seed, households=household)
        if household > len(homes.households):
            raise BadFile(f"--household: there are {len(homes.households)}")
        day = Day(per_day=per_day, television_share=1.0)
        settings = FleetSettings(
            seed=seed,
            day=day,
            in_rooms=1.0,
            backdrops=("pink", "babble", "dishes", "music"),
            visits=0.25,
            talk_before=0.4,
            wakes="measured",
            outages=Outages(reboots=4.0),
        )
        label = homes.households[household - 1].household_id
        hours = range(settings.began_ms + 18 * HOUR_MS, settings.began_ms + 23 * HOUR_MS)
        plan = plan_fleet(settings, homes)
        said = [each for each in plan.utterances if each.household_id == label and each.at_ms in hours]
        unsent = [each for each in plan.unsent if each.household_id == label and each.at_ms in hours]
        write(out, page(said, title=f"An evening of {label}", unsent=unsent).encode(), private=True)
    typer.echo(f"{out}: {len(said)} sounds from 18:00 to 23:00, {len(unsent)} more never sent")


@app.command()
def voices(
    every: Annotated[int, typer.Option(min=1, help="Take every n-th speaker only.")] = 1,
    which: Annotated[Which, typer.Option(help="Which speakers; neural needs earlid[voices].")] = "any",
) -> None:
    """Measure anew whom the wake engine hears: the speakers chosen because it does, and all the others."""
    from simulator.commands.recall import engine, recall

    with one_line():
        rows = recall(load_voices(which)[::every], engine())
    typer.echo(f"{'speakers':<22}{'count':>6}{'words':>7}{'clean':>8}{'15 dB':>8}")
    for row in rows:
        typer.echo(f"{row.group:<22}{row.voices:>6}{row.said:>7}{row.clean:>8.3f}{row.noisy:>8.3f}")


@app.command()
def first_stage(
    out: Annotated[Path, typer.Option(help="The file to write: simulator/plan/first_stage.yaml.", show_default=False)],
    every: Annotated[int, typer.Option(min=1, help="Take every n-th speaker only.")] = 1,
) -> None:
    """Measure anew what a permissive first stage, built of the wake engine, wakes at. It takes some minutes."""
    from simulator.commands.recall import engine, first_stage

    with one_line():
        home = make_identities(seed=7, households=1).households[0]
        shares = first_stage(load_voices("any")[::every], load_phrasebook(), home, engine())
        head = "# What a permissive first stage wakes at: `earlid simulate first-stage --out FILE` measures it anew.\n"
        write(out, (head + yaml.safe_dump(shares.model_dump(), sort_keys=False, width=118)).encode())
    understood = {voice.name for voice in load_voices("understood")}
    for group, names in (
        ("understood", shares.voices.keys() & understood),
        ("others", shares.voices.keys() - understood),
    ):
        typer.echo(f"{group:<14}{fmean(shares.voices[name] for name in sorted(names)):>7.3f}" if names else group)
    for kind, share in (shares.kinds | shares.sounds).items():
        typer.echo(f"{kind:<14}{share:>7.3f}")


if __name__ == "__main__":
    app(prog_name="earlid simulate")
