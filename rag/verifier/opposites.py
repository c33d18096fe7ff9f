"""Words that turn a sentence into its opposite, and how a claim differs from a passage in such a word."""

from __future__ import annotations

import re
from typing import Final

from rag.verifier.lexical import negations


def pairs_of(text: str) -> tuple[tuple[str, str], ...]:
    """ "more/less; first/last" as pairs, one or several to a line."""
    found = []
    for line in text.strip().splitlines():
        for pair in line.split(";"):
            one, other = pair.strip().split("/")
            found.append((one, other))
    return tuple(found)


OPPOSITES: Final = pairs_of("""
increase/decrease; increases/decreases; increased/decreased; increasing/decreasing; higher/lower
high/low; highest/lowest; larger/smaller; large/small; largest/smallest; greater/smaller; more/less
most/least; better/worse; best/worst; improve/worsen; improves/worsens; improved/worsened
improving/worsening; faster/slower; fast/slow; raise/lower; raised/lowered; raises/lowers
positive/negative; positively/negatively; before/after; with/without; first/last; early/late
earlier/later; strong/weak; stronger/weaker; enhance/impair; enhances/impairs; enhanced/impaired
reduce/raise; reduces/raises; reduced/raised; promote/inhibit; promotes/inhibits; promoted/inhibited
activate/suppress; activates/suppresses; activated/suppressed; upper/lower; above/below; longer/shorter
long/short; easy/hard; simple/complex; common/rare; rarely/often; frequently/seldom; always/never
success/failure; successful/unsuccessful; successfully/unsuccessfully; able/unable; possible/impossible
sufficient/insufficient; dependent/independent; stable/unstable; efficient/inefficient
effective/ineffective; known/unknown; similar/different; same/different; linear/nonlinear
static/dynamic; local/global; sparse/dense; gain/loss; gains/losses; benefit/harm; beneficial/harmful
advantage/drawback; advantages/drawbacks; minimum/maximum; minimal/maximal; minimize/maximize
upstream/downstream; internal/external; inside/outside; supervised/unsupervised; public/private
presence/absence; present/absent; many/few; majority/minority; rise/fall; rises/falls; up/down
accelerate/slow; accelerates/slows; gained/lost; expensive/cheap; necessary/unnecessary; robust/fragile
converge/diverge; converges/diverges; agree/disagree; allow/prevent; allows/prevents; allowed/prevented
enable/prevent; enables/prevents; help/hinder; helps/hinders; outperform/underperform
outperforms/underperforms; outperformed/underperformed; preserved/lost; significant/insignificant
thin/thick; hot/cold; laminar/turbulent; subsonic/supersonic; upward/downward; older/younger; old/new
male/female; men/women; acute/chronic; inner/outer; left/right; coarse/fine
""")

_GERMAN: Final = pairs_of("""
mehr/weniger; höher/niedriger; größer/kleiner; besser/schlechter; schneller/langsamer; stärker/schwächer
steigt/sinkt; erhöht/senkt; steigert/senkt; verbessert/verschlechtert; nimmt zu/nimmt ab; vor/nach; mit/ohne
immer/nie; alle/keine; viele/wenige; stabil/instabil; ähnlich/verschieden; möglich/unmöglich; hoch/niedrig
verlustbehaftet/verlustfrei; öffentlich/geheim; selten/häufig; wichtig/unwichtig; am meisten/am wenigsten
""")
_BOTH_WAYS: Final = tuple(
    pair for one, other in (*OPPOSITES, *_GERMAN, ("lossy", "lossless")) for pair in ((one, other), (other, one))
)


def difference(claim: str, passage: str) -> str | None:
    """In which word the two say the opposite, or that one of them denies; None where neither is seen.

    It words a reason and decides nothing: texts may share opposites and agree.
    """
    own, there = _words(claim), _words(passage)
    for said, opposite in _BOTH_WAYS:
        if f" {said} " in own and f" {opposite} " in there and f" {said} " not in there and f" {opposite} " not in own:
            return f"the passage says “{opposite}”, the claim “{said}”"
    if bool(negations(claim)) != bool(negations(passage)):
        return "the claim denies what the passage says" if negations(claim) else "the passage denies this"
    return None


def _words(text: str) -> str:
    words = re.findall(r"[^\W_]+", text.lower())
    return f" {' '.join(words)} "
