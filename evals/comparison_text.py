"""A comparison as text for a terminal: what got worse first, then the totals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from evals.compare import Change, Comparison, Pair
from evals.stored import Header, StoredAnswer
from evals.totals import total
from evals.word_diff import ALIKE, likeness, word_diff

_TITLES = {
    Change.WORSE: "worse",
    Change.UNSTABLE: "unstable: right at some repeats and not at others",
    Change.BETTER: "better",
    Change.OTHER: "changed, as right or wrong as before",
}


def comparison_text(comparison: Comparison, shown: int = 10) -> str:
    """The flips with a diff of the two answers and the stage that changed, the totals, and the verdict.

    Args:
        comparison: two runs.
        shown: how many cases of each sort are shown in full; the rest are named.
    """
    lines = [*_product_lines(comparison)]
    for change, title in _TITLES.items():
        pairs = comparison.of(change)
        if not pairs:
            continue
        lines += ["", f"{title} ({len(pairs)})"]
        if change is Change.OTHER:
            lines += [f"  {line}" for line in _named(pairs)]
            continue
        for pair in pairs[:shown]:
            lines += [f"  {line}" for line in pair_lines(pair)]
        if pairs[shown:]:
            lines += [f"  and {len(pairs) - shown} more:", *(f"  {line}" for line in _named(pairs[shown:]))]
    return "\n".join([*lines, "", *_total_lines(comparison)])


def pair_lines(pair: Pair) -> Iterator[str]:
    """One case: what was asked, how both answers fared, the stage that changed, and the answers' difference."""
    before, after = pair.shown
    case = after.case
    yield f"{case.id}  [{case.kind}]{'  never may' if case.must else ''}"
    yield f"  asked    {' / '.join(case.asked)}"
    yield f"  before   {before.outcome}: {before.reason}"
    yield f"  after    {after.outcome}: {after.reason}"
    yield f"  changed  {pair.stage or 'nothing'}"
    if before.reply is None or after.reply is None:
        known = after.reply or before.reply
        yield f"  answer   {_flat(known.answer) if known else '(not kept)'}"
    elif likeness(before.reply.answer, after.reply.answer) < ALIKE:
        yield f"  - {_flat(before.reply.answer)}"
        yield f"  + {_flat(after.reply.answer)}"
    else:
        yield f"  ~ {_woven(before.reply.answer, after.reply.answer)}"
    yield from _evidence_lines(before, after)


def power(comparison: Comparison) -> str:
    """What the comparison could not have seen."""
    if comparison.undetectable > 1:
        return "too few cases to tell any difference from chance"
    return f"a drop of less than {comparison.undetectable:.1%} of the answers could not be told from chance"


def differing_settings(base: Header, new: Header) -> list[str]:
    """What the two runs were made with that is not the same: 'embedder e5 -> minilm'."""
    old, now = _flat_settings(base), _flat_settings(new)
    return [f"{name} {old.get(name, '-')} -> {now.get(name, '-')}" for name in now if old.get(name) != now[name]]


def _evidence_lines(before: StoredAnswer, after: StoredAnswer) -> Iterator[str]:
    for sign, one, other in (("lost", before, after), ("new", after, before)):
        if one.reply and other.reply:
            there = {citation.paper_id for citation in other.reply.citations}
            papers = dict.fromkeys(c.paper_id for c in one.reply.citations if c.paper_id not in there)
            if papers:
                yield f"  {sign:<8} {', '.join(papers)}"


def _product_lines(comparison: Comparison) -> Iterator[str]:
    base, new = comparison.base, comparison.new
    yield f"base  {base.name}  ({base.header.started})"
    yield f"new   {new.name}  ({new.header.started})"
    for line in differing_settings(base.header, new.header):
        yield f"differs: {line}"
    for names, what in (
        (comparison.only_base, "only in base"),
        (comparison.only_new, "only in new"),
        (comparison.changed_cases, "asks or judges something else now"),
    ):
        if names:
            yield f"not compared, {what}: {len(names)} ({', '.join(list(names)[:3])}{', …' if names[3:] else ''})"


def _total_lines(comparison: Comparison) -> Iterator[str]:
    before = total([answer for pair in comparison.pairs for answer in pair.base])
    after = total([answer for pair in comparison.pairs for answer in pair.new])
    shares = f"right {before.right.value:.1%} before, {after.right.value:.1%} after"
    yield f"{len(comparison.pairs)} cases compared, {shares}"
    for test in comparison.tests:
        if test.is_worse or test.adjusted < 1 or test.name == "all answers":
            yield f"  {'worse' if test.is_worse else '':<6}{test.name:<20}{test.figures}"
    yield power(comparison)
    yield f"verdict: {comparison.verdict}"
    yield from (f"  because {reason}" for reason in comparison.reasons)


def _named(pairs: Iterable[Pair]) -> Iterator[str]:
    """Ids by the stage that changed."""
    stages: dict[str, list[str]] = {}
    for pair in pairs:
        stages.setdefault(pair.stage or "nothing", []).append(pair.new[0].case.id)
    for stage, names in sorted(stages.items()):
        yield f"{stage}: {len(names)} ({', '.join(names[:8])}{', …' if names[8:] else ''})"


def _woven(before: str, after: str) -> str:
    marks = {"same": ("", ""), "gone": ("[-", "-]"), "new": ("{+", "+}")}
    woven = []
    for piece in word_diff(_flat(before), _flat(after)):
        opening, closing = marks[piece.kind]
        text = piece.text.rstrip()
        woven.append(f"{opening}{text}{closing}{piece.text[len(text) :]}")
    return "".join(woven).strip()


def _flat(text: str) -> str:
    return " ".join(text.split())


def _flat_settings(header: Header) -> dict[str, str]:
    content = header.model_dump(exclude={"started", "format", "cases", "papers", "seed"})
    flat: dict[str, str] = {}
    for name, value in content.items():
        if isinstance(value, dict):
            flat.update({f"{name}.{key}" if name != "packages" else key: str(item) for key, item in value.items()})
        else:
            flat[name] = str(value)
    return flat
