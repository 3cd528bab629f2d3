"""Compares what kneeseg made of the folders of nnunet_peer.py with their references, and prints a table."""

import glob
import gzip
import os
import struct
import sys

import numpy as np

from onnxruntime import InferenceSession


def read_labels(path):
    data = gzip.open(path).read()
    shape = struct.unpack_from("<8h", data, 40)[1:4]
    kind = {2: "u1", 4: "<i2"}[struct.unpack_from("<h", data, 70)[0]]
    start = int(struct.unpack_from("<f", data, 108)[0])
    return np.frombuffer(data, kind, int(np.prod(shape)), start).reshape(shape[::-1])


good = True
print("| results | logits up to | largest difference | equal labels | with mirrors |")
print("|---|--:|--:|--:|--:|")
for folder in sys.argv[1:]:
    reference = np.load(os.path.join(folder, "reference.npz"))
    session = InferenceSession(os.path.join(folder, "fold.onnx"))
    found = session.run(["logits"], {"image": reference["window"]})[0]
    apart = np.abs(found - reference["window_logits"]).max()
    same = []
    for kind in ("plain", "mirrored"):
        labels = read_labels(glob.glob(os.path.join(folder, kind, "*.nii.gz"))[0])
        same.append((labels == reference[kind]).mean())
    good &= apart < 1e-4 and min(same) >= 0.999
    name = os.path.basename(os.path.normpath(folder))
    print(f"| {name} | {np.abs(reference['window_logits']).max():.1f} | {apart:.1e} | {100 * same[0]:.3f} % | {100 * same[1]:.3f} % |")
sys.exit(0 if good else 1)
