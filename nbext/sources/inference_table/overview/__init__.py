"""Numbers over an inference table: one statement, run where the table lies, and what its groups add up to."""
