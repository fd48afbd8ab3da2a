"""A run's figures by name (`expectation.FIGURES`). Thresholds and expectations are compared with them."""

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from scenarios.attacks.residual import Residual
from scenarios.checks import gating
from scenarios.checks.exposure import distinct
from scenarios.model.expectation import NO_CHECK
from scenarios.model.ledger import Ledger
from scenarios.model.ledger import figures as counted
from scenarios.model.observations import Observations, Response
from scenarios.verdict import Verdict


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """The results that a run's figures are taken from."""

    ledger: Ledger
    seen: Observations
    residual: Residual | None
    verdicts: Sequence[Verdict]


def figure(name: str, run: Measured, route: str | None = None, *, warmup_ms: int = 0) -> float | None:
    """The value of a figure, of load without the warm-up. None if its check did not run or examined nothing."""
    check = name.partition(".")[0]
    verdict = next((each for each in run.verdicts if each.check == check), None)
    if check not in NO_CHECK and (verdict is None or verdict.examined == 0):
        return None
    if check == "load":
        if warmup_ms and warmup_ms not in run.seen.warm:
            return None  # nobody noted when it was over
        warm = run.seen.responses[run.seen.warm[warmup_ms] if warmup_ms else 0 :]
        seconds = run.seen.load.seconds - warmup_ms / 1_000 if run.seen.load else 0.0
        return of_responses(name, [r for r in warm if _timed(r) and route in (None, r.template)], seconds)
    return _table(run, verdict).get(name)


def _table(run: Measured, verdict: Verdict | None) -> Mapping[str, float | None]:
    counts, heard = counted(run.ledger), gating.figures(run.ledger)
    findings = distinct(finding for response in run.seen.responses for finding in response.findings)
    fetched = {response.template for response in (*run.seen.responses, *run.seen.doors)}
    links = {link.by: link.auc for link in run.residual.links} if run.residual else {}
    people = [row.people_least for row in run.residual.sets if row.people_least] if run.residual else []
    attempts = [row.delivery.attempts for row in run.ledger.rows if row.delivery]
    audible = len(verdict.findings) if verdict is not None and verdict.check == "spoken_secrets" else None
    return {
        "leaks.findings": len(findings),
        "leaks.households": len({finding.household_id for finding in findings}),
        "leaks.responses": len(run.seen.responses),
        "coverage.routes": len(run.seen.routes & fetched),
        "conservation.utterances": counts.utterances,
        "conservation.kept": counts.kept,
        "conservation.dropped": counts.dropped,
        "conservation.lost": counts.lost,
        "conservation.duplicated": counts.duplicated,
        "should_not_exist.stored": counts.should_not_exist + counts.unexplained,
        "gating.false_rejects": heard.false_rejects,
        "gating.false_reject_share": heard.false_rejects / heard.wake if heard.wake else None,
        "gating.false_accepts": heard.false_accepts,
        "gating.false_accept_share": heard.false_accepts / heard.false_wake if heard.false_wake else None,
        "spoken_secrets.audible": audible,
        "linkage.auc_ids": links.get("ids"),
        "linkage.auc_times": links.get("times"),
        "anonymity.people": min(people) if people else None,
        "delivery.attempts": sum(attempts) / len(attempts) if attempts else None,
        "delivery.silence_s": run.ledger.silence_s,
    }


def of_responses(name: str, responses: Sequence[Response], seconds: float) -> float | None:
    """A figure of `load` or `leaks` from responses alone, as they come; None where there are none."""
    check, _, what = name.partition(".")
    if not responses:
        return None
    if check == "leaks":
        found = distinct(finding for response in responses for finding in response.findings)
        counts = {"findings": len(found), "households": len({each.household_id for each in found})}
        return counts.get(what, len(responses))
    if what == "rps":
        return len(responses) / seconds if seconds > 0 else None
    if what == "requests":
        return len(responses)
    if what == "failure_share":
        return sum(failed(response) for response in responses) / len(responses)
    times = [response.ms for response in responses]
    if what in ("avg_ms", "max_ms"):
        return float(np.mean(times) if what == "avg_ms" else max(times))
    return float(np.percentile(times, float(what[1:3])))


def counted_in(name: str, run: Measured) -> tuple[int, int] | None:
    """(how many, of how many) of a figure that is a share; None for others."""
    heard, timed = gating.figures(run.ledger), [each for each in run.seen.responses if _timed(each)]
    shares = {
        "gating.false_reject_share": (heard.false_rejects, heard.wake),
        "gating.false_accept_share": (heard.false_accepts, heard.false_wake),
        "load.failure_share": (sum(map(failed, timed)), len(timed)),
    }
    return shares.get(name)


def _timed(response: Response) -> bool:
    """Whether it was answered under load. What the harness read or looked at itself has no time."""
    return response.ms > 0 or response.status == 0


def failed(response: Response) -> bool:
    """Whether there was no answer, or one that says that the server broke."""
    return response.status >= 500 or response.status == 0
