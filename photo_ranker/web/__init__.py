"""The local web app: see, correct and take home what the library finds."""
