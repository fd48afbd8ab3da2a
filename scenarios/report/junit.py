"""A RunResult as JUnit XML: one test case a check; unknown is an error, which no build server counts as passed."""

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from scenarios.report.result import RunResult
from scenarios.verdict import Outcome


def junit(result: RunResult) -> bytes:
    """UTF-8 XML. An incident that failed as expected still shows its failures; the suite's own case judges it."""
    failures = sum(verdict.outcome is Outcome.FAIL for verdict in result.verdicts)
    errors = sum(verdict.outcome is Outcome.UNKNOWN for verdict in result.verdicts)
    expected = result.as_expected is True and result.outcome is Outcome.FAIL
    suite = Element(
        "testsuite",
        name=f"earlid.{result.scenario.name}",
        tests=str(len(result.verdicts)),
        failures="0" if expected else str(failures),
        errors=str(errors),
        time=f"{sum(result.timing.values()):.2f}",
    )
    for verdict in result.verdicts:
        case = SubElement(suite, "testcase", classname=f"earlid.{result.scenario.name}", name=verdict.check)
        if verdict.outcome is Outcome.FAIL:
            if expected:
                SubElement(case, "system-out").text = f"FAIL, as expected: {verdict.why}"
            else:
                SubElement(case, "failure", message=verdict.why).text = "\n".join(
                    f"{finding.field} at {finding.where.name}: {finding.masked_evidence}"
                    for finding in verdict.findings
                )
        elif verdict.outcome is Outcome.UNKNOWN:
            SubElement(case, "error", message=verdict.why)
    indent(suite)
    text: bytes = tostring(suite, encoding="utf-8", xml_declaration=True)
    return text
