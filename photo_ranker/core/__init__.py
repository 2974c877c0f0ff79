"""What everything stands on: files that are opened, replaced and locked safely, and where ours lie."""
