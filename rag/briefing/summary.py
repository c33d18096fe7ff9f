"""The page in short, worded by a language model where the chat has one."""

from __future__ import annotations

from rag.briefing.scene import Scene
from rag.models import Answer
from rag.phrases import phrase

_LONGEST = 4
_ASKED = {"whole": "suggest_overview", "topic": "brief_ask_topic", "paper": "suggest_about"}


def summary_answer(scene: Scene) -> Answer | None:
    """The chat's answer to what the page is about; None without a model, and where the model's words did not pass.

    Its sentences have passed the chat's own check of a model's words; no other sentence of the page is a model's.
    """
    if scene.engine.model is None or scene.kind not in _ASKED:
        return None
    question = phrase(_ASKED[scene.kind], scene.language, topic=scene.focus, title=scene.focus)
    answer = scene.engine.explain(question).answer
    shown = tuple(sentence for sentence in answer.sentences if sentence.verdict != "frame")[:_LONGEST]
    if answer.abstained or answer.writer != "llm" or not shown:
        return None
    return answer.model_copy(update={"sentences": tuple(one.model_copy(update={"item": False}) for one in shown)})
