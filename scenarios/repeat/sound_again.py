"""The sound of one utterance of a finished run, made again: what its device sent, and what a reviewer is shown."""

import tempfile
from pathlib import Path

import pydantic
import typer

from gateway.contract.model import Contract
from gateway.files import BadFile, write_private
from gateway.wire import encode_wav
from scenarios.model.scenario import Scenario
from scenarios.report.record import read_record
from scenarios.run.observe import recording
from scenarios.run.world import world_of
from scenarios.twin.many_seeds import speak
from scenarios.twin.world import pipe_house


def write_said(run: Path, utterance: str, path: Path) -> None:
    """Write what the device sent of an utterance: rendered again from the scenario, sample for sample the same.

    Raises:
        BadFile: the run has left no record, as runs against somebody's own system do.
    """
    scenario, _ = _recorded(run)
    _, plan = world_of(_only(scenario, utterance))
    (planned,) = plan.utterances
    write_private(path, encode_wav(recording(planned.scene).astype("<i2").tobytes()))
    typer.echo(f"{path}: what the device of {utterance} sent", err=True)


def write_shown(run: Path, utterance: str, path: Path) -> None:
    """Write what a reviewer is shown of an utterance: the recorded contract redacts it again, behind a pipe.

    A distorted voice is distorted by another random amount than in the run.

    Raises:
        BadFile: there is no record, or the contract keeps no sound of this utterance.
        ProcessDied: the gateway does not start.
    """
    scenario, contract = _recorded(run)
    with pipe_house(contract) as house, tempfile.TemporaryDirectory(prefix="earlid-why-") as name:
        spoken = speak(_only(scenario, utterance), contract, house, Path(name))
    sounds = [served.wav for served in spoken.served.values() if served.wav is not None]
    if not sounds:
        reasons = sorted({str(served.facts["withheld"]) for served in spoken.served.values()})
        raise BadFile(f"{utterance}: no sound of it is shown ({', '.join(reasons) or 'it is not kept'})")
    write_private(path, sounds[0])
    typer.echo(f"{path}: what a reviewer is shown of {utterance}, redacted again", err=True)


def _recorded(run: Path) -> tuple[Scenario, Contract]:
    record = read_record(run)
    try:
        return Scenario.model_validate(record.scenario), Contract.model_validate(record.contract)
    except pydantic.ValidationError:
        raise BadFile(f"{run}: recorded by another version of Earlid; run the scenario again") from None


def _only(scenario: Scenario, utterance: str) -> Scenario:
    return scenario.model_copy(update={"fleet": scenario.fleet.model_copy(update={"only": (utterance,)})})
