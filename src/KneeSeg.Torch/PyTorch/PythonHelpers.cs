namespace KneeSeg.Torch.PyTorch;

/// <summary>What PyTorch has no function for. A written module has those that it uses.</summary>
internal static class PythonHelpers
{
    /// <summary>Their texts by name.</summary>
    public static IReadOnlyList<(string Name, string Text)> All { get; } =
    [
        (
            "standardized",
            """
            def standardized(conv, x):
                # Each filter is used with mean 0 and variance 1 (Qiao et al. 2019).
                weight = F.layer_norm(conv.weight, conv.weight.shape[1:], eps=1e-5)
                return conv._conv_forward(x, weight, conv.bias)
            """
        ),
        (
            "inner_average",
            """
            def inner_average(x, size, stride, sides):
                # Average pooling that does not count its padding.
                pool = F.avg_pool3d if x.dim() == 5 else F.avg_pool2d
                return pool(F.pad(x, sides), size, stride) / pool(F.pad(torch.ones_like(x[:1, :1]), sides), size, stride)
            """
        ),
        (
            "drop_images",
            """
            def drop_images(x, rate, training):
                # Stochastic depth (Huang et al. 2016).
                if not training:
                    return x
                return x * (torch.rand(x.shape[0], *[1] * (x.dim() - 1), device=x.device) >= rate) / (1 - rate)
            """
        ),
        (
            "space_to_channels",
            """
            def space_to_channels(x, block, voxel_by_voxel):
                n, channels, *size = x.shape
                count = [length // side for length, side in zip(size, block)]
                x = x.reshape(n, channels, *[part for pair in zip(count, block) for part in pair])
                counts = range(2, x.dim(), 2)
                inside = range(3, x.dim(), 2)
                x = x.permute(0, *inside, 1, *counts) if voxel_by_voxel else x.permute(0, 1, *inside, *counts)
                return x.reshape(n, -1, *count)
            """
        ),
        (
            "channels_to_space",
            """
            def channels_to_space(x, block, voxel_by_voxel):
                n, _, *size = x.shape
                axes = len(block)
                x = x.reshape(n, *block, -1, *size) if voxel_by_voxel else x.reshape(n, -1, *block, *size)
                channel, first = (axes + 1, 1) if voxel_by_voxel else (1, 2)
                x = x.permute(0, channel, *[part for i in range(axes) for part in (axes + 2 + i, first + i)])
                return x.reshape(n, -1, *[length * side for length, side in zip(size, block)])
            """
        ),
        (
            "attention",
            """
            def attention(x, heads):
                # Scaled dot-product attention between all voxels (Vaswani et al. 2017).
                n, channels, *size = x.shape
                q, k, v = x.reshape(n, 3, heads, channels // (3 * heads), -1).transpose(-1, -2).unbind(1)
                weights = (q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5).softmax(-1)
                return (weights @ v).transpose(-1, -2).reshape(n, channels // 3, *size)
            """
        ),
        (
            "WindowAttention",
            """
            class WindowAttention(nn.Module):
                # Attention inside windows, with a bias for each relative position (Liu et al. 2021).
                def __init__(self, channels, heads, window, shifted):
                    super().__init__()
                    self.heads, self.window, self.shifted = heads, window, shifted
                    rows = 1
                    for extent in window:
                        rows *= 2 * extent - 1
                    self.bias = nn.Parameter(torch.zeros(3 * channels))
                    self.relative_position_bias_table = nn.Parameter(torch.zeros(rows, heads))

                def forward(self, x):
                    size = x.shape[2:]
                    window = [min(extent, length) for extent, length in zip(self.window, size)]
                    count = [-(-length // extent) for length, extent in zip(size, window)]
                    shift = [extent // 2 if self.shifted and n > 1 else 0 for extent, n in zip(window, count)]
                    axes = list(range(1, len(size) + 1))
                    ends = [n * extent - length for n, extent, length in zip(count, window, size)]
                    x = F.pad(x.movedim(1, -1), [0, 0] + [side for end in reversed(ends) for side in (0, end)])
                    x = self.split(x.roll([-by for by in shift], axes) + self.bias, count, window)
                    n, windows, voxels, _ = x.shape
                    q, k, v = x.reshape(n, windows, voxels, 3, self.heads, -1).permute(3, 0, 1, 4, 2, 5).unbind(0)
                    scores = q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5
                    scores = scores + self.relative(voxels) + self.apart(count, window, shift, x.device)
                    x = (scores.softmax(-1) @ v).transpose(2, 3).reshape(n, *count, *window, -1)
                    k = len(axes)
                    x = x.permute(0, *[part for i in axes for part in (i, i + k)], 2 * k + 1)
                    x = x.reshape(n, *[a * b for a, b in zip(count, window)], -1).roll(shift, axes)
                    for axis, length in zip(axes, size):
                        x = x.narrow(axis, 0, length)
                    return x.movedim(-1, 1)

                @staticmethod
                def split(x, count, window):
                    k = len(count)
                    x = x.reshape(x.shape[0], *[part for pair in zip(count, window) for part in pair], x.shape[-1])
                    x = x.permute(0, *range(1, 2 * k, 2), *range(2, 2 * k + 1, 2), 2 * k + 1)
                    return x.flatten(k + 1, 2 * k).flatten(1, k)

                def relative(self, voxels):
                    at = torch.arange(voxels, device=self.bias.device)
                    row, step = 0, 1
                    for extent in reversed(self.window):
                        row = row + ((at % extent)[:, None] - (at % extent)[None, :] + extent - 1) * step
                        step *= 2 * extent - 1
                        at = torch.div(at, extent, rounding_mode="floor")
                    return self.relative_position_bias_table[row].permute(2, 0, 1)

                def apart(self, count, window, shift, device):
                    # Voxels from opposite sides of the map that meet in a shifted window.
                    side = torch.zeros([n * extent for n, extent in zip(count, window)], device=device)
                    for axis, by in enumerate(shift):
                        if by > 0:
                            side.narrow(axis, side.shape[axis] - by, by).add_(2**axis)
                    side = self.split(side[None, ..., None], count, window)[0, :, None, :, 0]
                    return -100.0 * (side[..., None] != side[..., None, :])
            """
        ),
        (
            "PositionEmbedding",
            """
            class PositionEmbedding(nn.Module):
                def __init__(self, *shape):
                    super().__init__()
                    self.weight = nn.Parameter(torch.zeros(shape))

                def forward(self, x):
                    weight = self.weight[None]
                    if weight.shape[2:] != x.shape[2:]:
                        mode = "trilinear" if x.dim() == 5 else "bilinear"
                        weight = F.interpolate(weight, size=x.shape[2:], mode=mode, align_corners=False)
                    return x + weight
            """
        ),
        (
            "GlobalResponseNorm",
            """
            class GlobalResponseNorm(nn.Module):
                # Woo et al. 2023.
                def __init__(self, channels, epsilon):
                    super().__init__()
                    self.epsilon = epsilon
                    self.weight = nn.Parameter(torch.zeros(channels))
                    self.bias = nn.Parameter(torch.zeros(channels))

                def forward(self, x):
                    space = list(range(2, x.dim()))
                    shape = [1, -1] + [1] * len(space)
                    length = torch.linalg.vector_norm(x, dim=space, keepdim=True)
                    share = length / (length.mean(1, keepdim=True) + self.epsilon)
                    return x * (1 + self.weight.reshape(shape) * share) + self.bias.reshape(shape)
            """
        ),
    ];
}
