"""What every package uses: files opened, replaced and locked safely, our own folders, texts for people."""
