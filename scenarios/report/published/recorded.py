"""A RunResult as record.json: what its checks looked at, without words, sounds or ids from the wire."""

import msgspec

from scenarios.model.ledger import Ledger, Row
from scenarios.model.observations import Observations, Served
from scenarios.report.made import Made
from scenarios.report.measured import redaction
from scenarios.report.record import Record
from scenarios.report.result import RunResult


def recorded(result: RunResult, made: Made) -> bytes:
    """UTF-8 JSON of a `Record`."""
    record = Record(
        scenario=result.scenario.model_dump(mode="json", by_alias=True),
        contract=result.contract.model_dump(mode="json", by_alias=True),
        made=made,
        verdict=result.outcome.value,
        ledger=_without_words(result.ledger),
        seen=_without_sound(result.seen),
        integrity=result.integrity,
        residual=result.residual,
        pace=result.pace,
        hostile=dict(result.hostile),
        redaction=redaction(result),
        spoken=next((verdict for verdict in result.verdicts if verdict.check == "spoken_secrets"), None),
        households=result.households,
        broker=result.broker,
    )
    return msgspec.json.encode(record) + b"\n"


def _without_words(ledger: Ledger) -> Ledger:
    return msgspec.structs.replace(ledger, rows=tuple(map(_silent, ledger.rows)))


def _silent(row: Row) -> Row:
    blank = {"device": "", "session_id": "", "text": "", "words": (), "pcm_digest": "", "speakers": ()}
    said = msgspec.structs.replace(row.utterance, **blank)
    return msgspec.structs.replace(row, utterance=said)


def _without_sound(seen: Observations) -> Observations:
    """Milliseconds are rounded to tenths, because longer numbers look like coordinates."""
    return msgspec.structs.replace(
        seen,
        responses=tuple(msgspec.structs.replace(each, ms=round(each.ms, 1)) for each in seen.responses),
        doors=tuple(msgspec.structs.replace(each, ms=round(each.ms, 1)) for each in seen.doors),
        served={ref: Served(ref=ref, facts={}, wav=None, clean=each.clean) for ref, each in seen.served.items()},
        sounds={},
        recorded=(),
    )
