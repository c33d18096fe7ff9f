"""A run as JUnit XML, which CI systems show case by case."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from evals.scoring import Outcome
from evals.stored import Run

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_report(run: Run) -> str:
    """One test case for each answer: a failure where it is not right, an error where it could not be scored."""
    failures = sum(not answer.is_right and answer.outcome is not Outcome.UNSCORED for answer in run.answers)
    errors = sum(answer.outcome is Outcome.UNSCORED for answer in run.answers)
    suite = ElementTree.Element(
        "testsuite",
        name=f"profile-chat {run.header.profile}",
        tests=str(len(run.answers)),
        failures=str(failures),
        errors=str(errors),
        time=f"{sum(answer.seconds for answer in run.answers):.3f}",
    )
    for answer in run.answers:
        case = ElementTree.SubElement(
            suite,
            "testcase",
            classname=f"{run.header.profile}.{answer.case.kind}",
            name=_xml(answer.case.id + (f"#{answer.repeat + 1}" if answer.repeat else "")),
            time=f"{answer.seconds:.3f}",
        )
        if not answer.is_right:
            tag = "error" if answer.outcome is Outcome.UNSCORED else "failure"
            fault = ElementTree.SubElement(case, tag, message=_xml(answer.reason), type=answer.outcome.value)
            given = answer.reply.answer if answer.reply else ""
            fault.text = _xml(f"asked: {' / '.join(answer.case.asked)}\nanswer: {given}")
    root = ElementTree.Element("testsuites")
    root.append(suite)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _xml(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
