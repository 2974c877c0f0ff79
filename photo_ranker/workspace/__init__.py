"""The one door: commands, Python API and app open albums, their people and references here."""
