"""Where captures go: the journal, files, other stores."""
