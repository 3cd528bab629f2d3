"""Resamples a volume by scipy's cubic splines: scipy_zoom.py D H W FACTOR (height and width by the factor)."""
import sys

import numpy
import scipy.ndimage

depth, height, width = map(int, sys.argv[1:4])
factor = float(sys.argv[4])
volume = numpy.random.default_rng(1).random((depth, height, width), dtype=numpy.float32)
print("ready", flush=True)
for _ in sys.stdin:
    scipy.ndimage.zoom(volume, (1, factor, factor), order=3, mode="nearest")
    print("done", flush=True)
