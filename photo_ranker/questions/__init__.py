"""One question to an album: whose times are compared how, which photos are asked for, and their ranking."""
