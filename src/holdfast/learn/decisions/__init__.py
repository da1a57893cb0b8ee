"""Judge whether a passage states a decision: a choice, rule or fact that later sessions should follow."""

from holdfast.learn.decisions.judge import Decision, judge_decision
from holdfast.learn.decisions.weights import THRESHOLDS

__all__ = ["THRESHOLDS", "Decision", "judge_decision"]
