"""The people of an album: who they are, and what a user has decided about them."""
