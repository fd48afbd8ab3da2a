"""A load test as JUnit XML: a case for the leak search, and one for each line of an objective."""

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from scenarios.report.load.recorded import Recorded


def junit_load(recorded: Recorded) -> bytes:
    """UTF-8 XML. Unknown is an error, which no build server counts as passed."""
    suite = Element("testsuite", name="earlid.load")
    search = recorded.search
    leaks = SubElement(suite, "testcase", classname="earlid.load", name="leaks")
    said = [f"{place}: {count}" for place, count in sorted(search.findings.items())]
    gaps = [*(f"not searched: {why}: {n}" for why, n in sorted(search.unsearched.items())), *search.doubts]
    if said:
        SubElement(leaks, "failure", message=f"{len(said)} places show an identity").text = "\n".join(said)
    elif search.lost or gaps or not search.responses or search.found < search.planted or not search.planted:
        SubElement(leaks, "error", message="not everything was searched").text = "\n".join(gaps)
    for line in recorded.objectives:
        case = SubElement(suite, "testcase", classname=f"earlid.load.{line.objective}", name=line.expression)
        if line.outcome == "missed":
            SubElement(
                case, "failure", message=f"{line.expression}: {line.value:.4g}" if line.value is not None else ""
            )
        elif line.outcome == "unknown":
            SubElement(case, "error", message=line.why)
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    suite.set("errors", str(len(suite.findall("testcase/error"))))
    indent(suite)
    text: bytes = tostring(suite, encoding="utf-8", xml_declaration=True)
    return text
