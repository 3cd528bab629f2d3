"""Loads a volume by nibabel as float32: nibabel_load.py FILE."""
import sys

import nibabel
import numpy

print("ready", flush=True)
for _ in sys.stdin:
    image = nibabel.load(sys.argv[1])
    numpy.asanyarray(image.dataobj).astype(numpy.float32)
    print("done", flush=True)
