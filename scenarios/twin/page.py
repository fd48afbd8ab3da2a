"""Renders a twin report as twin.html, in the style of the leak report."""

from pathlib import Path

import jinja2

from scenarios.twin.run import TwinReport, findings
from scenarios.verdict import Outcome

_TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader([Path(__file__).parent, Path(__file__).parents[1] / "report" / "published"]),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
)


def twin_page(report: TwinReport) -> str:
    """A self-contained HTML page."""
    return _TEMPLATES.get_template("twin.html.j2").render(
        report=report, sentence=twin_sentence(report), found=findings(report)
    )


def twin_sentence(report: TwinReport) -> str:
    """The verdict in one sentence."""
    if report.outcome is Outcome.PASS:
        return f"Nothing anybody was shown depends on who the {report.households} households are."
    if report.leaking:
        return (
            f"What reviewers are shown changes with {', '.join(report.leaking)}, and with nothing else being changed."
        )
    if report.outcome is Outcome.FAIL:
        worlds = ", ".join(side.name for side in report.sides if side.outcome is Outcome.FAIL)
        return f"What reviewers are shown depends on who the households are ({worlds})."
    return "No verdict can be given: some answers could not be compared, or none was there."
