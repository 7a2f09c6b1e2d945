"""Two captures beside each other: which spans belong together, and how that is said in HTML and text."""
