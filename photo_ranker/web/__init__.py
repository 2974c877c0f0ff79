"""The local web app: see, correct and export what the library finds."""
