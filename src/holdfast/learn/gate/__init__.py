"""Judge a candidate learning by its content alone, on five criteria, and say how to mend what is refused."""

from holdfast.learn.gate.judge import CRITERIA, Verdict, judge
from holdfast.learn.gate.safety import is_safe
from holdfast.learn.gate.weights import THRESHOLD

__all__ = ["CRITERIA", "THRESHOLD", "Verdict", "is_safe", "judge"]
