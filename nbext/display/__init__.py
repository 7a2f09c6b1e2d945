"""What is seen of a capture: the data for the viewer, static HTML, text, the living view."""
