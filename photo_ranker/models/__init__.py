"""Finds faces in a picture and measures them. Types of model libraries never leave this package."""
