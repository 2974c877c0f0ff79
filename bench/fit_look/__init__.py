"""Fits the network of photo_ranker/models/mesh.py on what raters prefer: ``python -m bench.fit_look DATA``.

It gathers the inner maps of the mesh network for every face of the sheets, one of each of its two views, trains several
networks on all sheets but those of web photos and stores them. What networks say that have seen neither the person nor
the album of a sheet goes to bench/taste_looks.csv, on which ``python -m bench.fit_taste DATA`` fits and judges.
"""
