"""What every room uses: files opened, replaced and locked safely, and the folders of our own."""
