"""Fits the network of photo_ranker/models/mesh.py on what raters prefer: ``python -m bench.fit_look DATA``.

It gathers the inner maps of the mesh network for every face of the sheets, one for each of its two views, trains
several networks on all sheets but those of web photos and stores them. For each sheet, other networks that have seen
neither its person nor its album judge the faces; bench/taste_looks.csv keeps what they say, and
``python -m bench.fit_taste DATA`` fits and judges with it.
"""
