"""`earlid projects import|export`: clips of another team into the review tool, annotated clips out as a data set."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, get_args

import typer

from gateway.contract.model import load_contract
from gateway.files import BadFile, write_private
from gateway.keys import make_or_read_key
from gateway.projects.dataset import Layout
from gateway.storage.urls import existing

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="Clips of another team into the review tool, annotated clips out as a data set.",
)

StoreUrl = Annotated[str, typer.Option(help="SQLAlchemy URL of the clip store, as for `review`")]


@app.command("export")
def export_command(
    folder: Annotated[Path, typer.Argument(help="a folder for this alone; an earlier data set in it is replaced")],
    store: StoreUrl,
    contract: Annotated[str, typer.Option(help="preset or .yaml file; it needs review.export: yes")],
    layout: Annotated[
        str,
        typer.Option(
            "--format", help=f"{', '.join(get_args(Layout))}; the first is what Hugging Face's `datasets` loads"
        ),
    ] = "audiofolder",
) -> None:
    """Write annotated clips as a table with their sound as WAV files, without identities.

    earlid projects export out/clips --store sqlite:///clips.db --contract ours.yaml --format csv

    Clips that were withdrawn or whose retention is over are left out. `earlid custody forget` and `sweep` take the
    folder as --exports, and remove from it what is deleted later.
    """
    from gateway.projects.dataset import write_dataset
    from gateway.storage.settled import Settled
    from gateway.storage.store import Store

    chosen = next((each for each in get_args(Layout) if each == layout), None)
    if chosen is None:
        raise BadFile(f"--format {layout}: allowed: {', '.join(get_args(Layout))}")
    keeper = Store(existing(store))
    try:
        held = Settled(keeper.database)
        written = write_dataset(
            keeper, held.answer, load_contract(contract), folder, layout=chosen, now=datetime.now(UTC)
        )
    finally:
        keeper.close()
    typer.echo(f"{written.clips} clips exported; {written.soundless} annotated clips have no sound")


@app.command("import")
def import_command(
    clip_list: Annotated[Path, typer.Argument(help=".jsonl or .csv, in the folder of its .wav and .flac files")],
    store: StoreUrl,
    contract: Annotated[str, typer.Option(help="whose redaction counts")] = "strict",
    leave_out: Annotated[list[str] | None, typer.Option(help="a key of the list to drop; may be repeated")] = None,
    refs: Annotated[Path | None, typer.Option(help="write which file became which clip, as JSON lines")] = None,
) -> None:
    """Take another team's clips into a store, redacted by the contract. A store of its own is a project of its own.

    earlid projects import team-b/clips.jsonl --store sqlite:///team-b.db --leave-out speaker

    A line has file_name and, as far as known, transcript, words ([{word, start_s, end_s}], JSON lines only), lang and
    recorded_on. The sound of a clip whose words nobody can place is withheld.
    """
    from gateway.projects.clip_list import read_list
    from gateway.projects.takeover import refs_table, take_in
    from gateway.redact.sound.align import PocketSphinx
    from gateway.storage.store import Store

    rules, listed = load_contract(contract), read_list(clip_list, leave_out or ())
    keeper = Store(store)
    try:
        key = make_or_read_key(keeper.database.accounts_key)
        taken = take_in(listed, keeper, rules, key=key, now=datetime.now(UTC), aligner=PocketSphinx())
    finally:
        keeper.close()
    if refs is not None:
        try:
            write_private(refs, refs_table(taken))
        except OSError as error:
            raise BadFile(f"{refs}: {error.strerror or 'cannot be written'}") from None
    why = "".join(f", {count} without sound ({reason})" for reason, count in sorted(taken.withheld.items()))
    typer.echo(f"{taken.new} clips imported{why}; {taken.known} were imported before")
