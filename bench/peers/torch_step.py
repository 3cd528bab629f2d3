"""A training step of the bench's 3D U-Net (1,402,037 weights) in PyTorch and float32, on one patch of 64 voxels a side."""
import os
import sys

import torch
from torch import nn
from torch.nn import functional

SIDE, CLASSES, WIDTHS = 64, 5, (16, 32, 64, 128)


def twice(channels, width):
    def one(entering):
        return nn.Conv3d(entering, width, 3, padding=1), nn.BatchNorm3d(width), nn.ReLU()

    return nn.Sequential(*one(channels), *one(width))


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.down = nn.ModuleList(map(twice, (1,) + WIDTHS, WIDTHS))
        upward = WIDTHS[-2::-1]
        self.up = nn.ModuleList(nn.ConvTranspose3d(2 * width, width, 2, stride=2) for width in upward)
        self.after = nn.ModuleList(twice(2 * width, width) for width in upward)
        self.last = nn.Conv3d(WIDTHS[0], CLASSES, 1)

    def forward(self, image):
        maps = [self.down[0](image)]
        for block in self.down[1:]:
            maps.append(block(functional.max_pool3d(maps[-1], 2)))
        found = maps.pop()
        for up, after in zip(self.up, self.after):
            found = after(torch.cat([maps.pop(), up(found)], 1))
        return self.last(found)


def loss_of(logits, labels):
    truth = functional.one_hot(labels, CLASSES).movedim(-1, 1)[:, 1:].float()
    found = logits.softmax(1)[:, 1:]
    space = (0, 2, 3, 4)
    both = (truth * found).sum(space)
    dice = (2 * both + 1) / (truth.sum(space) + found.sum(space) + 1)
    return 1 - dice.mean() + functional.cross_entropy(logits, labels)


torch.set_num_threads(os.cpu_count())
network = UNet()
assert sum(one.numel() for one in network.parameters()) == 1_402_037
optimiser = torch.optim.Adam(network.parameters(), 1e-3)
image = torch.rand(1, 1, SIDE, SIDE, SIDE)
labels = torch.randint(CLASSES, (1, SIDE, SIDE, SIDE))
print("ready", flush=True)
for _ in sys.stdin:
    optimiser.zero_grad()
    loss_of(network(image), labels).backward()
    nn.utils.clip_grad_norm_(network.parameters(), 5)
    optimiser.step()
    print("done", flush=True)
