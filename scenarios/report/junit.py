"""A RunResult as JUnit XML: one test case a check; unknown is an error, which no build server counts as passed."""

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from scenarios.report.result import RunResult
from scenarios.verdict import Outcome


def junit(result: RunResult) -> bytes:
    """UTF-8 XML. An incident that failed as expected still shows its failures; the case "expectation" judges it.

    An expectation that is not met is a failure, whatever the checks say.
    """
    expected = result.as_expected is True
    failed = [v for v in result.verdicts if v.outcome is Outcome.FAIL and not expected]
    open_ones = [v for v in result.verdicts if v.outcome is Outcome.UNKNOWN and not expected]
    has_own = result.scenario.expect is not None
    suite = Element(
        "testsuite",
        name=f"earlid.{result.scenario.name}",
        tests=str(len(result.verdicts) + has_own),
        failures=str(len(failed) + (result.as_expected is False)),
        errors=str(len(open_ones)),
        time=f"{sum(result.timing.values()):.2f}",
        timestamp=result.made.started if result.made else "",
    )
    for verdict in result.verdicts:
        case = SubElement(suite, "testcase", classname=f"earlid.{result.scenario.name}", name=verdict.check)
        if verdict.outcome is Outcome.PASS:
            continue
        if expected:
            SubElement(case, "system-out").text = f"{verdict.outcome.value.upper()}, as expected: {verdict.why}"
        elif verdict.outcome is Outcome.FAIL:
            SubElement(case, "failure", message=verdict.why).text = "\n".join(
                f"{finding.field} at {finding.where.name}: {finding.masked_evidence}" for finding in verdict.findings
            )
        else:
            SubElement(case, "error", message=verdict.why)
    if has_own:
        case = SubElement(suite, "testcase", classname=f"earlid.{result.scenario.name}", name="expectation")
        if result.unmet:
            SubElement(case, "failure", message=result.headline).text = "\n".join(result.unmet)
    indent(suite)
    text: bytes = tostring(suite, encoding="utf-8", xml_declaration=True)
    return text
