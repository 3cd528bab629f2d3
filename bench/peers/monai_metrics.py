"""HD95, ASSD and surface Dice by MONAI's own code: monai_metrics.py MONAI_CHECKOUT REFERENCE.npy PREDICTION.npy X Y Z

Arrays of labels 1 to 6 with the spacing X, Y, Z in mm of their axes from the first to the last; says "ready", then
measures once for each line.
"""
import sys

import numpy

sys.path.insert(0, sys.argv[1])
import torch
from monai.metrics import compute_average_surface_distance, compute_hausdorff_distance, compute_surface_dice

reference, prediction = (numpy.load(path) for path in sys.argv[2:4])
spacing = [float(word) for word in sys.argv[4:7]]


def one_hot(labels):
    return torch.from_numpy(numpy.stack([labels == label for label in range(7)])[None].astype(numpy.float32))


reference, prediction = one_hot(reference), one_hot(prediction)


def work():
    options = dict(include_background=False, spacing=spacing)
    compute_hausdorff_distance(prediction, reference, percentile=95, **options)
    compute_average_surface_distance(prediction, reference, symmetric=True, **options)
    compute_surface_dice(prediction, reference, class_thresholds=[1.0] * 6, **options)


print("ready", flush=True)
for _ in sys.stdin:
    work()
    print("done", flush=True)
