"""The tracing of this kernel: its session, open captures, and what happens to them when they end."""
