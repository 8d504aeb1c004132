"""From what the streams say to one of the five words, with a sentence for the operator."""

from workflows.domain.canary.config import JudgeConfig
from workflows.domain.canary.evidence import Evidence, coverage
from workflows.domain.canary.reading import Reading
from workflows.domain.canary.verdict import Verdict, Word


def ruling(config: JudgeConfig, evidence: Evidence, read: list[Reading]) -> Verdict:
    word = Word.FAIL if evidence.failure else Word.INCONCLUSIVE
    return Verdict(word=word, reason=str(evidence.failure))
