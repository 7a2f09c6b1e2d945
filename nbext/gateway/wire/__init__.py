"""The forms of the APIs: each file reads a request and writes an answer and the events of a stream."""
