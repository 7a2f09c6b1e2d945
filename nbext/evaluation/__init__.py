"""`nbext.evaluate`: MLflow's scorers and judges over captured, loaded or logged calls.

`subjects` finds what is judged, `scorers` what judges it, `judge` where judges get their answers
from, `store` the tracking store and experiment it is recorded in; `run` does it, and `result` is
what a user holds.
"""

from .judge import Judge, JudgeError
from .result import Evaluation
from .run import evaluate

__all__ = ["Evaluation", "Judge", "JudgeError", "evaluate"]
