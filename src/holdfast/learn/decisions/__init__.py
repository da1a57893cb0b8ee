"""Judge whether a passage states a decision: a choice, rule or fact that later sessions should follow."""

from holdfast.learn.decisions.judge import Decision, judge_decision
from holdfast.learn.decisions.weights import THRESHOLD

__all__ = ["THRESHOLD", "Decision", "judge_decision"]
