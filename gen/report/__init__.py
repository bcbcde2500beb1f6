"""Report: problems → what pipelines read: rules and marks, SARIF, workflow commands, what is new."""

from gen.report.baseline import HINT, Baseline, compare
from gen.report.github import github
from gen.report.rules import fingerprint, rule
from gen.report.sarif import sarif

__all__ = ["HINT", "Baseline", "compare", "fingerprint", "github", "rule", "sarif"]
