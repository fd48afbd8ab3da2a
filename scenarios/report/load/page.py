"""A load test as load.html, one page without other files."""

from html import escape
from pathlib import Path

import jinja2
import msgspec

from scenarios.report.load.picture import picture
from scenarios.report.load.recorded import Recorded, Route

_HERE = Path(__file__).parent
_TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader([_HERE, _HERE.parent / "published"]),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
)
SAID = {"pass": "PASS", "fail": "FAIL", "unknown": "UNKNOWN"}


def load_page(recorded: Recorded) -> str:
    """The page as HTML text."""
    text: str = _TEMPLATES.get_template("load.html.j2").render(verdict=SAID[recorded.verdict], **_parts(recorded))
    return text


def load_parts(record: bytes) -> dict[str, object]:
    """What `load_section.html.j2` needs, for a report that includes it."""
    return _parts(msgspec.json.decode(record, type=Recorded))


def framed_section(recorded: Recorded) -> str:
    """The page as a part of another page. A frame keeps the styles of the two apart."""
    return (
        '<section style="padding: 1rem"><h2 style="font: 600 1.3rem sans-serif">Leaks (Earlid)</h2>'
        f'<iframe title="Leaks" sandbox style="width: 100%; height: 75rem; border: 1px solid #999" '
        f'srcdoc="{escape(load_page(recorded))}"></iframe></section>'
    )


def _parts(recorded: Recorded) -> dict[str, object]:
    return {"run": recorded, "picture": picture(recorded), "rows": [_row(route) for route in recorded.routes],
            "tiles": _tiles(recorded), "search_share": _search_share(recorded)}  # fmt: skip


def _row(route: Route) -> dict[str, object]:
    times = route.times
    late = max(0.0, float(route.late["most_ms"]))
    return {
        "method": route.method,
        "route": route.route,
        "role": route.role,
        "requests": route.requests,
        "failed": route.failed,
        "p50": _ms(times.percentile(50)),
        "p95": _ms(times.percentile(95)),
        "p99": _ms(times.percentile(99)),
        "most": _ms(times.most_ms),
        "late": _ms(late) if late >= 1 else "",
        "size": f"{route.bytes / max(route.requests, 1) / 1_000:,.1f}",
    }


def _tiles(recorded: Recorded) -> list[tuple[str, str]]:
    seconds = recorded.seconds
    total = sum(second.requests for second in seconds)
    failed = sum(second.failed for second in seconds)
    users = max((second.users for second in seconds), default=0)
    search = recorded.search
    return [
        (f"{total:,}", f"requests in {len(seconds):,} s ({total / max(len(seconds), 1):,.1f} a second)"),
        (f"{failed:,}", "failed"),
        (f"{users:,.0f}", "users at most"),
        (f"{search.responses:,}", f"answers searched, {search.bytes / 1e6:,.1f} MB"),
        (f"{sum(search.findings.values()):,}" if not search.lost else "unknown", "findings"),
        (f"{recorded.waited_share:.1%}", "of the users' time was waiting for the search, between requests"),
    ]


def _search_share(recorded: Recorded) -> float:
    """The mean number of cores that the search used."""
    return recorded.search.cpu_s / max(len(recorded.seconds), 1)


def _ms(value: float | None) -> str:
    if value is None:
        return "none"
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"
