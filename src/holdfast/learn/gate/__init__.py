"""Judge a candidate learning by its content alone, on five criteria, and say how to mend what is refused."""

from holdfast.learn.gate.judge import CRITERIA, THRESHOLD, Verdict, judge

__all__ = ["CRITERIA", "THRESHOLD", "Verdict", "judge"]
