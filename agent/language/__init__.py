"""Words to limits: a grammar of how people talk about what they want and can spend.

`parse` turns one turn of a shopper into typed changes (`tools.changes`), an intent, references to
items shown, and at most one clarifying question. It needs no network; a small classifier
(`agent.language.operations`) may read each turn beside the grammar.
"""

from agent.language.model import Intent, ShownItem, Understanding, Wish
from agent.language.operations import OperationClassifier
from agent.language.parse import parse
from agent.language.vocabulary import SimpleVocabulary, VocabularyLike

__all__ = [
    "Intent",
    "OperationClassifier",
    "ShownItem",
    "SimpleVocabulary",
    "Understanding",
    "VocabularyLike",
    "Wish",
    "parse",
]
