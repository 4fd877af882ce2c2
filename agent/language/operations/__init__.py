"""What a turn does to each limit, learned from phrases: the second reading beside the grammar's.

The grammar finds amounts, values and known phrases; which operation a turn asks for is said in
endless words. A linear classifier over word n-grams, a sentence embedding, the limits in force
and the grammar's own reading decides, and where it is sure that the grammar is mistaken, the
changes are its. `agent.language.training` fits it to the phrases that stand there.
"""

from agent.language.operations.classifier import OperationClassifier
from agent.language.operations.encoder import find_encoder
from agent.language.operations.revise import revise

__all__ = ["OperationClassifier", "find_encoder", "revise"]
