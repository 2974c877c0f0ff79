"""Everyone: who is in an album, for good."""
