"""Writes the PyTorch files that the tests read: python3 bench/pytorch_files.py tests/KneeSeg.Tests/Weights

One checkpoint as nnU-Net writes it, with every kind of view and element that weights have, in PyTorch's two formats.
Made with PyTorch 1.13.
"""

import sys
from collections import OrderedDict
from pathlib import Path

import numpy
import torch

folder = Path(sys.argv[1])
w = torch.arange(24, dtype=torch.float32).reshape(2, 3, 4)
weights = OrderedDict(
    whole=w,
    turned=w.permute(2, 0, 1),
    part=w[1, :2, 1:3],
    half=(w / 8).half(),
    brain=w.to(torch.bfloat16),
    double=w.double(),
    count=torch.tensor(5),
    parameter=torch.nn.Parameter(w[:1].clone()),
    repeated=torch.ones(1).expand(3, 4),
)

checkpoint = dict(
    network_weights=OrderedDict(("module." + name, tensor) for name, tensor in weights.items()),
    optimizer_state={"state": {0: {"momentum_buffer": torch.zeros(3)}}, "param_groups": [{"lr": 0.01}]},
    logging={"mean_fg_dice": [numpy.float64(0.25), numpy.float32(0.5)]},
    _best_ema=numpy.float32(0.5),
    current_epoch=1000,
    init_args={"configuration": "3d_fullres", "fold": 0, "device": torch.device("cuda", 0)},
    trainer_name="nnUNetTrainer",
    inference_allowed_mirroring_axes=(0, 1, 2),
    large=2**70,
    seen={1, 2},
    size=torch.Size([2, 3]),
)
torch.save(checkpoint, folder / "pytorch.pth")
torch.save(checkpoint, folder / "pytorch-legacy.pth", _use_new_zipfile_serialization=False)
