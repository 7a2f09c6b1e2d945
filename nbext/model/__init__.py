"""What a traced call is: plain data, no I/O, nothing of ours imported."""
