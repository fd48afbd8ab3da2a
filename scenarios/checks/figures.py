"""A run's figures by name (`expectation.FIGURES`): what thresholds and expectations are compared with."""

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
    """What a run's figures are taken from."""

    ledger: Ledger
    seen: Observations
    residual: Residual | None
    verdicts: Sequence[Verdict]


def figure(name: str, run: Measured, route: str | None = None) -> float | None:
    """Its value; None where the check it belongs to did not run or examined nothing."""
    check, _, what = name.partition(".")
    verdict = next((each for each in run.verdicts if each.check == check), None)
    if check not in NO_CHECK and (verdict is None or verdict.examined == 0):
        return None
    if check == "load":
        return _load(what, [r for r in run.seen.responses if route is None or r.template == route], run)
    return _table(run, verdict).get(name)


def _table(run: Measured, verdict: Verdict | None) -> Mapping[str, float | None]:
    counts, heard = counted(run.ledger), gating.figures(run.ledger)
    findings = distinct(finding for response in run.seen.responses for finding in response.findings)
    fetched = {response.template for response in run.seen.responses}
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
    }


def _load(what: str, responses: Sequence[Response], run: Measured) -> float | None:
    if not responses:
        return None
    if what == "rps":
        return run.seen.load.rps if run.seen.load else None
    if what == "requests":
        return len(responses)
    if what == "failure_share":
        return sum(failed(response) for response in responses) / len(responses)
    return float(np.percentile([response.ms for response in responses], float(what[1:3])))


def failed(response: Response) -> bool:
    """No answer, or one that says the server broke."""
    return response.status >= 500 or response.status == 0
