"""One page for all runs of an out folder, with their earlier verdicts."""

from collections.abc import Sequence
from pathlib import Path

import jinja2
import msgspec

from scenarios.report.published.labelled import labelled
from scenarios.report.published.page import sentence
from scenarios.report.result import RunResult

TRENDS = "trends.jsonl"
_SHOWN = 12  # earlier runs of each name
_STEP, _RISE, _BASE = 14, 22, 29  # units between two runs of a picture, from no finding to the most, and where none is
_TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=jinja2.StrictUndefined
)


class Dot(msgspec.Struct, frozen=True, kw_only=True):
    """One run in the picture of a trend: its place in units of the picture, how it ended, and what it found."""

    x: float
    y: float
    final: str
    findings: int


class Trend(msgspec.Struct, frozen=True, kw_only=True):
    """One run as later runs remember it. `final` is pass, fail or unknown and agrees with the exit code."""

    name: str
    started: str
    final: str
    contract: str
    seed: int
    findings: int
    seconds: float
    said: str = ""


def trend(result: RunResult) -> Trend:
    return Trend(
        name=result.scenario.name,
        started=result.made.started if result.made else "",
        final=result.final.value,
        contract=result.contract.name,
        seed=result.scenario.seed,
        findings=len(result.findings),
        seconds=result.made.seconds if result.made else round(sum(result.timing.values()), 1),
        said=f"{result.headline}. {sentence(result)}",
    )


def remembered(out: Path) -> list[Trend]:
    """Earlier runs of this out folder, the oldest first. Unreadable lines are left out."""
    path = out / TRENDS
    found = []
    for line in path.read_bytes().splitlines() if path.is_file() else ():
        try:
            found.append(msgspec.json.decode(line, type=Trend))
        except msgspec.DecodeError:
            continue
    return found


def index_page(now: Sequence[Trend], before: Sequence[Trend]) -> str:
    """The page as HTML text. Each row links to the run's own report."""
    rows = []
    for each in now:
        earlier = [old for old in before if old.name == each.name][-_SHOWN:]
        rows.append((each, _change(each, earlier), _picture([*earlier, each]) if earlier else ()))
    counts = {outcome: sum(each.final == outcome for each in now) for outcome in ("pass", "fail", "unknown")}
    return labelled(_TEMPLATES.get_template("index.html.j2").render(rows=rows, counts=counts, total=len(now)))


def _change(now: Trend, earlier: Sequence[Trend]) -> str:
    if not earlier:
        return "first run here"
    last = earlier[-1]
    said = f"{last.final} as before" if last.final == now.final else f"was {last.final}"
    more = now.findings - last.findings
    what = "finding" if abs(more) == 1 else "findings"
    return said + (f", {abs(more)} {what} {'more' if more > 0 else 'fewer'}" if more else "")


def _picture(runs: Sequence[Trend]) -> tuple[Dot, ...]:
    """The runs from left to right, the oldest first. The more findings, the higher, up to the most of these runs."""
    most = max(1, *(each.findings for each in runs))
    return tuple(
        Dot(x=_STEP * (at + 0.5), y=_BASE - _RISE * each.findings / most, final=each.final, findings=each.findings)
        for at, each in enumerate(runs)
    )
