"""`earlid gold`: known answers for clips in the queue. Nobody who annotates can tell them from others."""

from pathlib import Path
from typing import Annotated, Any

import msgspec
import pydantic
import typer

from gateway.audit.log import AuditFile
from gateway.files import BadFile, describe


def gold_command(
    answers: Annotated[Path, typer.Argument(help="JSON lines: ref, intent, effective, and what else is known")],
    store: Annotated[str, typer.Option(help="SQLAlchemy URL of the clip store, as for `review`")],
    labels: Annotated[Path | None, typer.Option(help="the project's labels, as for `review`")] = None,
    audit: Annotated[Path | None, typer.Option(help="the review tool's audit log, to write it down there too")] = None,
) -> None:
    """Give clips an answer that is known beforehand: people are compared with it."""
    from gateway.review.forms.labels import Labels, annotation_form, load_labels
    from gateway.storage.settled import Settled
    from gateway.storage.store import Annotation, Store

    form: Any = annotation_form(load_labels(labels) if labels else Labels())

    class Known(form):  # type: ignore[misc]
        ref: str
        transcription: str = pydantic.Field(default="", max_length=2000)

    known = Store(store)
    settled, log, many = Settled(known.database), AuditFile(audit) if audit else None, 0
    for number, line in enumerate(_lines(answers), start=1):
        try:
            said = Known.model_validate(msgspec.json.decode(line))
        except msgspec.DecodeError:
            raise BadFile(f"{answers}: line {number}: not JSON") from None
        except pydantic.ValidationError as error:
            raise BadFile(describe(f"{answers}: line {number}", error, Known)) from None
        answer = Annotation(
            reviewer="-",
            transcription=said.transcription,
            intent=said.intent,
            effective=said.effective,
            heard=said.heard,
            false_activation=said.false_activation,
        )
        if known.get(said.ref) is None:
            raise BadFile(f"{answers}: line {number}: ref: no such clip under review")
        settled.settle(said.ref, answer, is_gold=True)
        if log:
            log.record("-", "gold_added", "ok", said.ref)
        many += 1
    typer.echo(f"{many} known answers")


def _lines(path: Path) -> list[bytes]:
    try:
        return [line for line in path.read_bytes().splitlines() if line.strip()]
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror or 'cannot be read'}") from None
