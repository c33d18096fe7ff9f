"""Words that the corruption maker swaps: opposites, scopes, hedges, harmless synonyms, German for English."""

from __future__ import annotations

from typing import Final

from rag.verifier.opposites import pairs_of

SCOPES: Final = pairs_of("""
all/some; some/all; only/also; also/only; mainly/entirely; mostly/always; many/all; several/all
most/all; often/always; sometimes/always; usually/always; partly/fully; partially/completely; can/must
some/no; approximately/exactly; about/exactly; around/exactly; nearly/exactly; almost/fully
up to/at least; at least/at most; more than/less than; over/under; both/neither; any/no; each/no
primarily/exclusively; typically/always; generally/always; a few/all; not always/always
in part/entirely; slightly/strongly
""")

HEDGES: Final = pairs_of("""
may be/is; might be/is; could be/is; may/will; might/will; could/will; suggest that/prove that
suggests that/proves that; suggested that/proved that; indicate that/prove that
appears to/is proven to; seems to/is proven to; is likely to/is certain to; possibly/certainly
potentially/certainly
potential/proven; propose/have proven; we propose/we have established; hypothesize/have proven
suggesting/proving; aim to/succeed to; is associated with/causes; was associated with/caused
were associated with/caused; associated with/caused by; is correlated with/causes; can help/always helps
towards/to full; preliminary/conclusive; promising/proven; not necessarily/necessarily
not sufficient/sufficient; in some cases/in all cases; one of the/the only; partly due to/entirely due to
at times/at all times; to some extent/fully; in principle/in practice; under certain conditions/under all conditions
tends to/is bound to; tend to/are bound to; can be/is always; hint at/establish; likely/certainly
preliminary evidence/firm evidence; we believe that/we prove that; almost all/all; not yet/already
""")

SYNONYMS: Final = pairs_of("""
show/demonstrate; shows/demonstrates; showed/demonstrated; demonstrate/show; demonstrates/shows
use/employ; uses/employs; used/employed; using/with the help of; however/nevertheless; obtain/get
obtained/gained; investigate/study; investigates/studies; investigated/studied; examine/study
examined/studied; examines/looks at; propose/suggest; proposed/put forward; proposes/puts forward
present/describe; presents/describes; presented/described; introduce/present
introduces/presents; important/key; large/big; method/approach; methods/approaches; approach/method
results/findings; findings/results; significantly/markedly; substantially/considerably; reveal/show
reveals/shows; revealed/showed; observe/see; observed/seen; patients/people with the condition
children/kids; determine/find out; determined/found; evaluate/assess; evaluated/assessed
evaluates/assesses; assess/evaluate; assessed/evaluated; perform/carry out; performed/carried out
conducted/carried out; conduct/carry out; due to/because of; such as/like; in order to/to
additionally/moreover; thus/therefore; therefore/so; requires/needs; require/need; required/needed
provide/give; provides/gives; provided/gave; contain/hold; contains/holds; develop/build
developed/built; rapidly/quickly; rapid/quick; entire/whole; frequently/often; study/work; novel/new
various/different; numerous/many; obtained from/taken from; enable/allow; enables/allows
influence/affect; influences/affects; affect/influence; affects/influences; help/aid; helps/aids
discuss/talk about; discussed/treated; compute/calculate; computed/calculated; calculation/computation
increase/grow; reduce/cut; reduces/cuts; reduced/cut; improve/boost; improves/boosts; improved/boosted
compare/contrast; role/part; demonstrated/shown; indicates/shows; indicate/show; indicated/showed
identify/find; identified/found; identifies/finds; reported/described; necessary/needed; whole/entire
several/a number of; difficult/hard; considerable/sizeable; utilize/use; utilized/used
algorithm/procedure; about/roughly; approximately/about; nearly/almost; in particular/notably
""")

_NUMBERS = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
"""
NUMBER_WORDS: Final = dict(enumerate(_NUMBERS.split()))

UNITS: Final = (
    ("percent", "percentage points"), ("million", "billion"), ("billion", "million"), ("thousand", "million"),
    ("hours", "days"), ("days", "weeks"), ("weeks", "months"), ("months", "years"), ("years", "months"),
    ("minutes", "hours"), ("seconds", "minutes"), ("mg", "g"), ("kg", "g"), ("mm", "cm"), ("cm", "mm"),
    ("km", "m"), ("ml", "l"), ("MHz", "GHz"), ("GB", "TB"), ("tokens", "parameters"),
    ("parameters", "tokens"),
    ("patients", "controls"), ("men", "women"), ("women", "men"), ("mice", "rats"), ("rats", "mice"),
    ("images", "videos"), ("languages", "countries"), ("layers", "heads"), ("samples", "classes"),
    ("hour", "day"), ("day", "week"), ("week", "month"), ("month", "year"), ("year", "month"),
)  # fmt: skip

ADDITIONS: Final = (
    "in collaboration with industry partners", "and was awarded a prize for it", "in three countries",
    "over a period of five years", "at a fraction of the usual cost", "and has been patented",
    "in clinical practice",
    "for the first time ever", "funded by a national grant", "on a single laptop",
    "without any human supervision",
    "in a randomised trial", "as confirmed by independent experts", "and won a best paper award",
    "which is now used in hospitals", "and led the whole project", "in more than fifty experiments",
    "with the support of volunteers", "and beats every earlier method", "and is used by several companies",
    "in less than one hour", "in low-income regions", "across all age groups", "under real-world conditions",
    "in both sexes", "and was published in a leading journal", "in zebrafish", "within two weeks",
    "using quantum computers", "with full mathematical proof", "especially at night", "for legal documents",
)  # fmt: skip

LEAD_INS: Final = (
    "we show that", "we find that", "we found that", "our results show that", "our results suggest that",
    "these results suggest that", "these results indicate that", "the results show that", "it is shown that",
    "we demonstrate that", "these findings suggest that", "this study shows that", "in this paper,",
    "in this work,",
    "in this study,", "here,", "in addition,", "moreover,", "furthermore,", "however,", "in conclusion,",
    "finally,",
    "in particular,", "additionally,", "surprisingly,", "it is found that", "results indicate that", "thus,",
    "for example,", "therefore,", "on the other hand,", "as a result,", "conclusions", "results", "methods",
)  # fmt: skip

GERMAN: Final = dict(
    pairs_of("""
the/die; a/ein; an/eine; of the/der; of/von; and/und; or/oder; not/nicht; no/kein; with/mit
without/ohne; in/in; on/auf; at/bei; by/durch; for/für; from/von; to/zu; between/zwischen; under/unter
over/über; than/als; as/als; is/ist; are/sind; was/war; were/waren; be/sein; been/gewesen; has/hat
have/haben; had/hatte; can/kann; could/könnte; may/kann; might/könnte; must/muss; will/wird; this/diese
these/diese; that/dass; which/die; we/wir; our/unsere; their/ihre; its/seine; it/es; they/sie; all/alle
some/einige; many/viele; few/wenige; most/die meisten; only/nur; also/auch; both/beide; each/jede
several/mehrere; more/mehr; less/weniger; new/neue; higher/höher; lower/niedriger; larger/größer
smaller/kleiner; better/besser; worse/schlechter; first/erste; second/zweite; high/hohe; low/niedrige
large/große; small/kleine; important/wichtig; increase/Zunahme; increased/erhöht; increases/erhöht
decrease/Abnahme; decreased/verringert; decreases/verringert; reduced/verringert; reduces/verringert
improves/verbessert; improved/verbessert; results/Ergebnisse; result/Ergebnis; method/Verfahren
methods/Verfahren; model/Modell; models/Modelle; data/Daten; study/Studie; paper/Arbeit; work/Arbeit
system/System; systems/Systeme; time/Zeit; year/Jahr; years/Jahre; number/Anzahl; patients/Patienten
cells/Zellen; cell/Zelle; gene/Gen; genes/Gene; protein/Protein; proteins/Proteine; treatment/Behandlung
disease/Krankheit; risk/Risiko; effect/Wirkung; effects/Wirkungen; analysis/Analyse; training/Training
learning/Lernen; network/Netz; networks/Netze; language/Sprache; languages/Sprachen
performance/Leistung; quality/Qualität; problem/Problem; problems/Probleme; function/Funktion
computer/Rechner; functions/Funktionen; program/Programm; programs/Programme; algorithm/Algorithmus
algorithms/Algorithmen; show/zeigen; shows/zeigt; showed/zeigte; shown/gezeigt; used/verwendet
use/verwenden; uses/verwendet; using/mit; found/gefunden; find/finden; based/basierend
compared/verglichen; associated/verbunden; different/verschiedene; same/gleiche; similar/ähnliche
two/zwei; three/drei; four/vier; five/fünf; six/sechs; during/während; after/nach; before/vor
because/weil; when/wenn; while/während; where/wo; if/wenn; but/aber; however/jedoch; therefore/daher
thus/somit; about/etwa; approximately/ungefähr; very/sehr; always/immer; never/nie; often/oft
rarely/selten; well/gut; strong/stark; weak/schwach; significantly/deutlich; size/Größe; rate/Rate
level/Niveau; levels/Werte; group/Gruppe; groups/Gruppen; women/Frauen; men/Männer; children/Kinder
people/Menschen; human/menschliche; mice/Mäuse; blood/Blut; cancer/Krebs; heart/Herz; brain/Gehirn
test/Test; tests/Tests; error/Fehler; errors/Fehler; speed/Geschwindigkeit; pressure/Druck
temperature/Temperatur; flow/Strömung; heat/Wärme; surface/Oberfläche; boundary/Grenze; layer/Schicht
theory/Theorie; value/Wert; values/Werte; experiment/Experiment; experiments/Experimente
approach/Ansatz; example/Beispiel; question/Frage; development/Entwicklung; evidence/Belege; role/Rolle
control/Kontrolle; death/Tod; life/Leben; memory/Speicher; process/Prozess; structure/Struktur
research/Forschung; science/Wissenschaft; world/Welt; country/Land; man/Mann; woman/Frau
was not/war nicht; is not/ist nicht; does not/nicht; did not/nicht; there is/es gibt; there are/es gibt
you/du; he/er; she/sie; who/wer; what/was; good/gut; people/Leute; house/Haus; city/Stadt; day/Tag
days/Tage; week/Woche; weeks/Wochen; month/Monat; months/Monate; hour/Stunde; hours/Stunden
""")
)
