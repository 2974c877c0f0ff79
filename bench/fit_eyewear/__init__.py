"""Fits the weights of photo_ranker/quality/eyewear.npz: ``python -m bench.fit_eyewear DATA`` (pip install -e .[fit]).

Photos of people in dark glasses are few, so most are drawn: lenses over the strips of bare faces, and shadows,
make-up and clear glasses over others. Real ones come from dark_glasses_fit.csv, labelled by eye. Half of the bare
faces, all of dark_sunglasses.csv and all of eyes.csv are kept out of the fit, to judge it.
"""
