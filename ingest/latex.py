"""LaTeX fragments inside plain text, made legible."""

from __future__ import annotations

import html
import re

_FRAGMENT = re.compile(
    r"\$[^$\n]{1,300}\$"  # math
    r"|\{\\[^{}]*(?:\{[^{}]*\}[^{}]*)*\}"  # {\"o}, {\'{e}}, {\em word}
    r"|\\[a-zA-Z]+\*?(?:\[[^\]]*\])?(?:\{(?:[^{}]|\{[^{}]*\})*\})+"  # \emph{word}, \url{address}
    r"|\\\"[aeiouyAEIOUY]|\\['`^~=.][a-zA-Z]"  # \"o
    r"|\\[\"'`^~=.]\{\\?[a-zA-Z]\}"  # \"{o}
    r"|\\[{}%&_#$ ]"  # \%
    r"|\\[a-zA-Z]+(?![a-zA-Z{])"  # \alpha
)
_HREF = re.compile(r"\\href\{([^{}]*)\}\{([^{}]*)\}")
_PRICES = re.compile(r"\$\d[^\\^_{}=]*\$$|\$[^$]*\s\$$")
_ENTITY = re.compile(r"\\?(&(?:[a-zA-Z]{2,8}|#\d{2,5}|#x[0-9a-fA-F]{2,4});)")
_LINK = re.compile(r"https?://[^\s<>{}\"'\\]+")


def readable(text: str) -> str:
    r"""`text` with its LaTeX resolved: `50\%` -> `50%`, `\emph{flow}` -> `flow`, `$B^{\ast}$` -> `B*`.

    Only fragments that are LaTeX are converted, since a page mixes LaTeX with plain text in which `%`, `&`,
    `~` and `$` mean themselves. A fragment that can't be read is kept as it is.
    """
    return _FRAGMENT.sub(lambda found: _convert(found.group()), _HREF.sub(r"\2 (\1)", text))


def find_links(text: str) -> tuple[str, ...]:
    """Web addresses in `text`, in order, without the punctuation that follows them."""
    links = [match.group().rstrip(".,;:!?)") for match in _LINK.finditer(text)]
    return tuple(dict.fromkeys(links))


def _convert(fragment: str) -> str:
    from pylatexenc.latex2text import LatexNodes2Text
    from pylatexenc.latexwalker import LatexWalkerError

    if _PRICES.match(fragment):
        return fragment
    try:
        text = LatexNodes2Text(math_mode="text", keep_comments=True).latex_to_text(fragment)
    except (LatexWalkerError, IndexError, ValueError):
        return fragment
    text = re.sub(r"<(https?://[^>]*)>", r"\1", text)
    return text.replace("^∗", "*").replace("^*", "*").replace("∗", "*")


def plain_text(field: str) -> str:
    """A BibTeX field as text: LaTeX and HTML's `&gt;` resolved, protecting braces gone, on one line."""
    field = _ENTITY.sub(lambda found: html.unescape(found[1]), field)
    text = readable(re.sub(r"\s+", " ", field.replace("{\\&}", "&").replace("\\&", "&")))
    return re.sub(r"\s+", " ", text.replace("{", "").replace("}", "")).strip()
