"""Client-side tracing: what the HTTP libraries send and receive while a cell is traced."""

from .context import current, recording_stack
from .recording import Recording, RecordingOptions

__all__ = ["Recording", "RecordingOptions", "current", "recording_stack"]
