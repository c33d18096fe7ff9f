"""Questions that the records answer: an ordered list of rules, the first that applies decides."""

from __future__ import annotations

from collections.abc import Callable

from rag.models import Plan
from rag.planning import collection_rules as many
from rag.planning import paper_rules as single
from rag.planning.reading import Reading

Rule = Callable[[Reading], Plan | None]


def plan_records(reading: Reading) -> Plan | None:
    """The plan of a question that the records answer, None if they don't."""
    for name, rule in _RULES:
        plan = rule(reading)
        if plan:
            return plan.model_copy(update={"because": (name,)})
    return None


_RULES: tuple[tuple[str, Rule], ...] = (
    ("a word in titles", many.title_word),
    ("cut author lists", many.cut_lists),
    ("papers without a year", many.undated),
    ("the owner in printed lists", single.owner_listed),
    ("a place in an author list", single.author_position),
    ("first authors", single.first_authors),
    ("number of authors", single.author_number),
    ("co-authors", single.coauthors),
    ("authors of a paper", single.authors_of_paper),
    ("the busiest year", many.busiest_year),
    ("papers by year", many.papers_by_year),
    ("oldest or newest", many.oldest_or_newest),
    ("date of a paper", single.date_of_paper),
    ("code", many.code),
    ("categories", single.categories),
    ("title of a paper", single.title_of_paper),
    ("conditions on the records", many.conditions_alone),
)
