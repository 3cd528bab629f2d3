"""Writes tests/KneeSeg.Tests/Evaluation/peers.json: metrics_reference.py MONAI_CHECKOUT MEDPY_CHECKOUT > peers.json

Fourteen mask pairs from the formulas of the tests, measured by MONAI's and medpy's own code. A measure that a peer
refuses for an empty mask is null.
"""
import json
import math
import sys
import warnings

import numpy

monai, medpy = sys.argv[1:3]
sys.path[:0] = [monai, medpy]
warnings.filterwarnings("ignore")
import torch
from medpy.metric import binary
from monai.metrics import compute_average_surface_distance, compute_hausdorff_distance, compute_iou, compute_surface_dice
from monai.metrics import DiceHelper

shape, spacing = (24, 20, 16), (0.7, 0.365, 0.5)
i, j, k = numpy.meshgrid(*map(numpy.arange, shape), indexing="ij")
nothing = numpy.zeros(shape, bool)


def ball(x, y, z, radius):
    return 0.7 * 0.7 * (i - x) * (i - x) + 0.365 * 0.365 * (j - y) * (j - y) + 0.5 * 0.5 * (k - z) * (k - z) <= radius * radius


def box(x0, x1, y0, y1, z0, z1):
    return (i >= x0) & (i < x1) & (j >= y0) & (j < y1) & (k >= z0) & (k < z1)


def noise(modulus, below):
    return (i * 7919 + j * 104729 + k * 1299709) % modulus < below


def shell(x, y, z, outer, inner):
    return ball(x, y, z, outer) & ~ball(x, y, z, inner)


pairs = {
    "identical": (ball(11, 9, 7, 2.5), ball(11, 9, 7, 2.5)),
    "shifted": (ball(11, 9, 7, 2.5), ball(12, 10, 7, 2.3)),
    "disjoint": (ball(5, 5, 4, 1.2), ball(17, 14, 11, 1.5)),
    "empty reference": (nothing, ball(8, 8, 8, 2)),
    "empty prediction": (ball(8, 8, 8, 2), nothing),
    "both empty": (nothing, nothing),
    "single voxels": (box(3, 4, 3, 4, 3, 4), box(9, 10, 8, 9, 5, 6)),
    "shells": (shell(11, 9, 7, 3.0, 1.5), shell(11, 9, 7, 3.3, 2.0)),
    "speck": (ball(8, 8, 6, 2.0), ball(8, 8, 6, 2.0) | box(23, 24, 19, 20, 15, 16)),
    "edge": (box(0, 24, 0, 5, 0, 16), box(0, 22, 0, 7, 0, 15)),
    "noise": (noise(97, 30), noise(89, 24)),
    "whole volume": (box(0, 24, 0, 20, 0, 16), ball(11, 9, 7, 3)),
    "thin sheets": (box(3, 21, 8, 9, 2, 14), box(3, 21, 10, 12, 2, 14)),
    "half missed": (ball(5, 5, 5, 1.5) | ball(17, 13, 11, 1.5), ball(5, 5, 5, 1.5)),
}


def number(value):
    value = float(value)
    return value if math.isfinite(value) else None


def one_hot(mask):
    return torch.from_numpy(numpy.stack([~mask, mask])[None].astype(numpy.float32))


def by_monai(reference, prediction):
    g, p = one_hot(reference), one_hot(prediction)
    return {
        "dice": number(DiceHelper(include_background=False, softmax=False, reduction="none", ignore_empty=False)(p, g)[0][0, 0]),
        "iou": number(compute_iou(p, g, include_background=False, ignore_empty=False)[0, 0]),
        "hd": number(compute_hausdorff_distance(p, g, spacing=spacing)[0, 0]),
        "hd95": number(compute_hausdorff_distance(p, g, percentile=95, spacing=spacing)[0, 0]),
        "assd": number(compute_average_surface_distance(p, g, symmetric=True, spacing=spacing)[0, 0]),
        "nsd": [number(compute_surface_dice(p, g, [t], spacing=spacing)[0, 0]) for t in (0.5, 1.0, 2.0)],
    }


def by_medpy(reference, prediction):
    def measure(function, *more, **named):
        try:
            return number(function(prediction, reference, *more, **named))
        except RuntimeError:
            return None

    return {
        "dice": measure(binary.dc),
        "iou": measure(binary.jc),
        "sensitivity": measure(binary.sensitivity),
        "precision": measure(binary.precision),
        "volumeDifference": measure(binary.ravd),
        "hd": measure(binary.hd, spacing),
        "hd95Pooled": measure(binary.hd95, spacing),
        "assd": measure(binary.assd, spacing),
    }


json.dump(
    [
        {
            "name": name,
            "voxels": [int(g.sum()), int(p.sum())],
            "monai": by_monai(g, p),
            "medpy": by_medpy(g, p),
        }
        for name, (g, p) in pairs.items()
    ],
    sys.stdout,
    indent=1,
)
print()
