"""A monotonic clock that tells wall time."""

from time import perf_counter_ns, time_ns

# Read once: durations stay right when the machine's clock is set while a cell runs.
ANCHOR_NS = time_ns() - perf_counter_ns()


def now_ns() -> int:
    """Nanoseconds since the epoch, never going back."""
    return ANCHOR_NS + perf_counter_ns()
