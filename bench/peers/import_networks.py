"""Networks under the names of other programs, with random weights: bench/import.sh imports them and compares the logits.

python3 import_networks.py FOLDER writes NAME.pth (the weights), NAME.logits.pth (an image and its logits) and cases.txt (each
name with its spec). The structures are those of MONAI 1.5, segmentation_models.pytorch 0.5 and pytorch-3dunet 1.8 at small
widths; nothing of them has to be installed.
"""

import sys
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    """Layers under dotted names, registered in the order of their first mention."""

    def __init__(self, axes=3):
        super().__init__()
        self.axes = axes

    def at(self, name, make):
        module = self
        *path, last = name.split(".")
        for part in path:
            if part not in module._modules:
                module.add_module(part, nn.Module())
            module = module._modules[part]
        if last not in module._modules:
            module.add_module(last, make())
        return module._modules[last]

    def conv(self, name, x, width, kernel=3, stride=1, bias=False):
        kind = nn.Conv3d if self.axes == 3 else nn.Conv2d
        return self.at(name, lambda: kind(x.shape[1], width, kernel, stride, (kernel - 1) // 2, bias=bias))(x)

    def deconv(self, name, x, width, kernel=2, bias=False, **rest):
        return self.at(name, lambda: nn.ConvTranspose3d(x.shape[1], width, kernel, 2, bias=bias, **rest))(x)

    def batch(self, name, x):
        return self.at(name, lambda: (nn.BatchNorm3d if self.axes == 3 else nn.BatchNorm2d)(x.shape[1]))(x)

    def instance(self, name, x):
        return self.at(name, lambda: nn.InstanceNorm3d(x.shape[1], affine=True))(x)

    def group(self, name, x, groups=8):
        return self.at(name, lambda: nn.GroupNorm(groups if x.shape[1] >= groups else 1, x.shape[1]))(x)

    def prelu(self, name, x):
        return self.at(name, nn.PReLU)(x)


def dynunet(net, x, residual, widths=(8, 16, 32, 64, 80, 80)):
    def block(name, x, width, stride, residual):
        y = F.leaky_relu(net.instance(f"{name}.norm1", net.conv(f"{name}.conv1.conv", x, width, 3, stride)), 0.01)
        y = net.instance(f"{name}.norm2", net.conv(f"{name}.conv2.conv", y, width))
        if residual:
            if stride > 1 or x.shape[1] != width:
                x = net.instance(f"{name}.norm3", net.conv(f"{name}.conv3.conv", x, width, 1, stride))
            y = y + x
        return F.leaky_relu(y, 0.01)

    skips = [block("input_block", x, widths[0], 1, residual)]
    for i, width in enumerate(widths[1:-1]):
        skips.append(block(f"downsamples.{i}", skips[-1], width, 2, residual))
    x = block("bottleneck", skips[-1], widths[-1], 2, residual)
    for j, width in enumerate(reversed(widths[:-1])):
        x = net.deconv(f"upsamples.{j}.transp_conv.conv", x, width)
        x = block(f"upsamples.{j}.conv_block", torch.cat([x, skips.pop()], 1), width, 1, False)
    x = net.conv("output_block.conv.conv", x, 5, 1, bias=True)
    # MONAI lists its layers once more.
    net.at("skip_layers", nn.Module).downsample = net.input_block
    return x


def basicunet(net, x, widths=(8, 8, 16, 32, 64, 8)):
    def twice(name, x, width):
        for i in range(2):
            x = net.instance(f"{name}.conv_{i}.adn.N", net.conv(f"{name}.conv_{i}.conv", x, width, bias=True))
            x = F.leaky_relu(x, 0.1)
        return x

    skips = [twice("conv_0", x, widths[0])]
    for i in range(1, 5):
        skips.append(twice(f"down_{i}.convs", F.max_pool3d(skips[-1], 2), widths[i]))
    x = skips.pop()
    for i in range(4, 0, -1):
        skip = skips.pop()
        x = net.deconv(f"upcat_{i}.upsample.deconv", x, skip.shape[1], bias=True)
        x = twice(f"upcat_{i}.convs", torch.cat([skip, x], 1), skip.shape[1])
    return net.conv("final_conv", x, 5, 1, bias=True)


def segresnet(net, x, width=8):
    def block(name, x):
        y = net.conv(f"{name}.conv1.conv", F.relu(net.group(f"{name}.norm1", x)), x.shape[1])
        return x + net.conv(f"{name}.conv2.conv", F.relu(net.group(f"{name}.norm2", y)), x.shape[1])

    x = net.conv("convInit.conv", x, width)
    skips = []
    for level, blocks in enumerate((1, 2, 2, 4)):
        if level > 0:
            x = net.conv(f"down_layers.{level}.0.conv", x, width * 2**level, 3, 2)
        for b in range(blocks):
            x = block(f"down_layers.{level}.{b + 1}", x)
        skips.append(x)
    x = skips.pop()
    for j in range(3):
        x = net.conv(f"up_samples.{j}.0.conv", x, x.shape[1] // 2, 1)
        x = F.interpolate(x, scale_factor=2, mode="trilinear", align_corners=False) + skips.pop()
        x = block(f"up_layers.{j}.0", x)
    x = F.relu(net.group("conv_final.0", x))
    return net.conv("conv_final.2.conv", x, 5, 1, bias=True)


def monai_unet(net, x, widths=(4, 8, 16, 32, 64)):
    def unit(name, x, width, stride=1, only=False):
        y = net.conv(f"{name}.conv", x, width, 3, stride, bias=True)
        return y if only else net.prelu(f"{name}.adn.A", net.batch(f"{name}.adn.N", y))

    def down(name, x, width, stride):
        y = unit(f"{name}.conv.unit1", unit(f"{name}.conv.unit0", x, width, stride), width)
        return y + net.conv(f"{name}.residual", x, width, 3 if stride > 1 else 1, stride, bias=True)

    def level(name, x, depth, out):
        below = f"{name}1.submodule"
        y = down(f"{name}0", x, widths[depth], 2)
        if depth == len(widths) - 2:
            z = down(below, y, widths[-1], 1)
        else:
            z = level(f"{below}.", y, depth + 1, widths[depth])
        z = torch.cat([y, z], 1)
        z = net.deconv(f"{name}2.0.conv", z, out, 3, bias=True, padding=1, output_padding=1)
        z = net.prelu(f"{name}2.0.adn.A", net.batch(f"{name}2.0.adn.N", z))
        return z + unit(f"{name}2.1.conv.unit0", z, out, only=depth == 0)

    return level("model.", x, 0, 5)


def vnet(net, x, width=4):
    def convolution(name, x, width):
        return F.elu(net.batch(f"{name}.adn.N", net.conv(f"{name}.conv", x, width, 5)))

    def stage(name, x, count):
        y = x
        for k in range(count):
            y = convolution(f"{name}.ops.{k}.conv_block", y, x.shape[1])
        return F.elu(y + x)

    y = net.batch("in_tr.conv_block.adn.N", net.conv("in_tr.conv_block.conv", x, width, 5))
    skips = [F.elu(y + x.repeat(1, width, 1, 1, 1))]
    for number, count in ((32, 1), (64, 2), (128, 3), (256, 2)):
        name = f"down_tr{number}"
        x = net.conv(f"{name}.down_conv", skips[-1], 2 * skips[-1].shape[1], 2, 2)
        skips.append(stage(name, F.elu(net.batch(f"{name}.bn1", x)), count))
    x = skips.pop()
    for number, count in ((256, 2), (128, 2), (64, 1), (32, 1)):
        name, skip = f"up_tr{number}", skips.pop()
        x = F.elu(net.batch(f"{name}.bn1", net.deconv(f"{name}.up_conv", x, skip.shape[1], bias=True)))
        x = stage(name, torch.cat([x, skip], 1), count)
    return net.conv("out_tr.conv2", convolution("out_tr.conv_block", x, 5), 5, 1, bias=True)


def smp_unet(net, x):
    def normed(conv, norm, x, width, kernel=3, stride=1):
        return net.batch(norm, net.conv(conv, x, width, kernel, stride))

    def block(name, x, width, stride):
        y = F.relu(normed(f"{name}.conv1", f"{name}.bn1", x, width, 3, stride))
        y = normed(f"{name}.conv2", f"{name}.bn2", y, width)
        if stride > 1:
            x = normed(f"{name}.downsample.0", f"{name}.downsample.1", x, width, 1, stride)
        return F.relu(x + y)

    x = F.relu(normed("encoder.conv1", "encoder.bn1", x, 64, 7, 2))
    skips = [x]
    x = F.max_pool2d(x, 3, 2, 1)
    for layer, (blocks, width) in enumerate(((3, 64), (4, 128), (6, 256), (3, 512)), 1):
        for b in range(blocks):
            x = block(f"encoder.layer{layer}.{b}", x, width, 2 if b == 0 and layer > 1 else 1)
        skips.append(x)
    x = skips.pop()
    for i, width in enumerate((256, 128, 64, 32, 16)):
        x = F.interpolate(x, scale_factor=2, mode="nearest")
        if skips:
            x = torch.cat([x, skips.pop()], 1)
        for c in (1, 2):
            name = f"decoder.blocks.{i}.conv{c}"
            x = F.relu(normed(f"{name}.0", f"{name}.1", x, width))
    return net.conv("segmentation_head.0", x, 5, 3, bias=True)


def unet3d(net, x, width=16):
    def single(name, x, width):
        return F.relu(net.conv(f"{name}.conv", net.group(f"{name}.groupnorm", x), width))

    def double(name, x, first, second):
        return single(f"{name}.SingleConv2", single(f"{name}.SingleConv1", x, first), second)

    skips = []
    for level in range(3):
        x = x if level == 0 else F.max_pool3d(x, 2)
        wide = width * 2**level
        x = double(f"encoders.{level}.basic_module", x, wide // 2, wide)
        skips.append(x)
    skips.pop()
    for j in range(2):
        skip = skips.pop()
        x = torch.cat([skip, F.interpolate(x, size=skip.shape[2:], mode="nearest")], 1)
        x = double(f"decoders.{j}.basic_module", x, skip.shape[1], skip.shape[1])
    return net.conv("final_conv", x, 5, 1, bias=True)


CASES = {
    "dynunet": ("dynunet+tiny", lambda net, x: dynunet(net, x, False), (32, 64, 32)),
    "dynunet-res": ("dynunet-res+tiny", lambda net, x: dynunet(net, x, True), (32, 64, 32)),
    "basicunet": ("monai-basic-unet+tiny", basicunet, (16, 32, 16)),
    "segresnet": ("segresnet+tiny", segresnet, (16, 24, 8)),
    "monai-unet": ("monai-unet+tiny", monai_unet, (16, 32, 16)),
    "vnet": ("vnet+tiny", vnet, (16, 32, 16)),
    "smp": ("unet-resnet34", smp_unet, (64, 96)),
    "pytorch-3dunet": ("unet3d-gcr.fsx", unet3d, (16, 24, 8)),
}

# Where the programs put the dictionary of weights.
PLACES = {"pytorch-3dunet": "model_state_dict", "monai-unet": None, "smp": "state_dict"}

folder = Path(sys.argv[1])
torch.manual_seed(1)
lines = []
for name, (spec, forward, size) in CASES.items():
    net = Net(len(size))
    image = torch.randn(2, 1, *size)
    forward(net, image)
    with torch.no_grad():
        for key, tensor in net.state_dict().items():
            if key.endswith("running_mean") or key.endswith("bias"):
                tensor.normal_(0, 0.2)
            elif key.endswith("running_var"):
                tensor.uniform_(0.5, 2)
            elif tensor.dim() == 1:
                tensor.uniform_(0.5, 1.5)
        for module in net.modules():
            if isinstance(module, nn.PReLU):
                module.weight.uniform_(0.05, 0.4)
        net.eval()
        logits = forward(net, image)
    state = net.state_dict()
    if name == "smp":
        state = {"model." + key: tensor for key, tensor in state.items()}
    place = PLACES.get(name)
    torch.save({place: state, "epoch": 3} if place else state, folder / f"{name}.pth")
    torch.save({"image": image, "logits": logits}, folder / f"{name}.logits.pth")
    lines.append(f"{name} {spec}\n")
(folder / "cases.txt").write_text("".join(lines))
