"""nnU-Net's steps around its network, in float32 and in numpy and scipy alone: from an image's array to labels.

nnU-Net itself accumulates in float16, which no two machines repeat; here everything is float32, resampling float64.
`python3 nnunet_reference.py numbers` prints what the tests of preprocessing compare with.
"""

import json
import sys

import numpy as np
from scipy import ndimage


def resize(image, shape, order):
    """skimage.transform.resize(image, shape, order, mode="edge", anti_aliasing=False) of 0.19 and later."""
    image = image.astype(np.float64)
    if tuple(shape) == image.shape:
        return image
    zoom = [new / old for new, old in zip(shape, image.shape)]
    out = ndimage.zoom(image, zoom, order=order, mode="nearest", grid_mode=True)
    assert out.shape == tuple(shape), (out.shape, shape)
    return np.clip(out, image.min(), image.max())


def separate_axis(current, new):
    """The axis that is resampled by itself, or None."""
    for spacing in (current, new):
        if max(spacing) / min(spacing) > 3:
            axes = [i for i, mm in enumerate(spacing) if mm == max(spacing)]
            return axes[0] if len(axes) == 1 else None
    return None


def resample(channels, shape, current, new, order):
    """resample_data_or_seg_to_shape with order_z = 0."""
    shape = [int(n) for n in shape]
    if tuple(shape) == channels.shape[1:]:
        return channels
    axis = separate_axis(current, new)
    out = np.zeros((len(channels), *shape), np.float32)
    for c, data in enumerate(channels):
        if axis is None:
            out[c] = resize(data, shape, order)
            continue
        in_plane = [n for i, n in enumerate(shape) if i != axis]
        slices = [resize(data.take(i, axis), in_plane, order) for i in range(data.shape[axis])]
        stack = np.stack(slices, axis)
        if shape[axis] != data.shape[axis]:
            grid = np.mgrid[tuple(slice(n) for n in shape)].astype(np.float64)
            grid = [old / n * (g + 0.5) - 0.5 for g, old, n in zip(grid, stack.shape, shape)]
            stack = ndimage.map_coordinates(stack, grid, order=0, mode="nearest")
        out[c] = stack
    return out


def normalize(channels, mask, plan):
    """In the box, before resampling."""
    for c, scheme in enumerate(plan["normalization_schemes"]):
        image = channels[c]
        if scheme == "ZScoreNormalization":
            inside = mask if plan["use_mask_for_norm"][c] else np.ones_like(mask)
            values = image[inside].astype(np.float64)
            image[inside] = (values - values.mean()) / max(values.std(), 1e-8)
        elif scheme == "CTNormalization":
            known = plan["foreground_intensity_properties_per_channel"][str(c)]
            image = np.clip(image, known["percentile_00_5"], known["percentile_99_5"])
            channels[c] = (image - known["mean"]) / max(known["std"], 1e-8)
        elif scheme != "NoNormalization":
            raise ValueError(scheme)


def preprocess(stored, spacing, plan):
    """Of [channel, z, y, x] as the file stores it: the input, and what is needed to go back."""
    forward = plan["transpose_forward"]
    data = stored.astype(np.float32).transpose([0, *[i + 1 for i in forward]])
    spacing = [spacing[i] for i in forward]
    mask = ndimage.binary_fill_holes((data != 0).any(0))
    ends = [np.where(mask.any(tuple(j for j in range(3) if j != i)))[0] for i in range(3)]
    box = tuple(slice(e[0], e[-1] + 1) if len(e) else slice(None) for e in ends)
    cropped = data[(slice(None), *box)].copy()
    target = list(plan["spacing"])
    if len(target) == 2:
        target = [spacing[0], *target]
    shape = [int(round(old / new * n)) for old, new, n in zip(spacing, target, cropped.shape[1:])]
    normalize(cropped, mask[box], plan)
    back = dict(box=box, shape=data.shape[1:], spacing=spacing, target=target, cropped=cropped.shape[1:])
    return resample(cropped, shape, spacing, target, 3), back


def starts(size, window):
    """compute_steps_for_sliding_window with a step of half a window."""
    count = int(np.ceil((size - window) / (window * 0.5))) + 1
    step = (size - window) / (count - 1) if count > 1 else 0
    return [int(np.round(step * i)) for i in range(count)]


def gaussian(window):
    weights = np.zeros(window, np.float64)
    weights[tuple(n // 2 for n in window)] = 1
    weights = ndimage.gaussian_filter(weights, [n / 8 for n in window], 0, mode="constant", cval=0)
    weights /= weights.max()
    weights[weights == 0] = weights[weights != 0].min()
    return weights.astype(np.float32)


def logits(image, network, patch, mirrors):
    """network: [1, channel, ...] to [1, class, ...] of the patch's size. Mirrors are axes of the patch."""
    planar = len(patch) == 2
    window = [1, *patch] if planar else list(patch)
    pads = [(0, 0)] + [
        (max(0, n - size) // 2, max(0, n - size) - max(0, n - size) // 2)
        for n, size in zip(window, image.shape[1:])
    ]
    padded = np.pad(image, pads)
    flips = [[a for j, a in enumerate(mirrors) if i >> j & 1] for i in range(1 << len(mirrors))]
    weights = gaussian(patch)
    total, weight = None, np.zeros(padded.shape[1:], np.float32)
    corners = [starts(size, n) for n, size in zip(window, padded.shape[1:])]
    for z in corners[0]:
        for y in corners[1]:
            for x in corners[2]:
                at = tuple(slice(s, s + n) for s, n in zip((z, y, x), window))
                part = padded[(slice(None), *at)]
                part = part[:, 0] if planar else part
                out = 0
                for axes in flips:
                    axes = [a + 1 for a in axes]
                    out = out + np.flip(network(np.flip(part, axes)[None])[0], axes)
                out = out / len(flips)
                if total is None:
                    total = np.zeros((len(out), *padded.shape[1:]), np.float32)
                scaled = out * weights
                total[(slice(None), *at)] += scaled[:, None] if planar else scaled
                weight[at] += weights if not planar else weights[None]
    inner = tuple(slice(before, size - after) for (before, after), size in zip(pads[1:], padded.shape[1:]))
    return (total / weight)[(slice(None), *inner)]


def labels(mean_logits, back, plan):
    """On the stored array's grid."""
    values = resample(mean_logits, back["cropped"], back["target"], back["spacing"], 1)
    found = values.argmax(0).astype(np.uint8)
    whole = np.zeros(back["shape"], np.uint8)
    whole[back["box"]] = found
    forward = plan["transpose_forward"]
    return whole.transpose([forward.index(i) for i in range(3)])


def numbers():
    """Small images and what preprocessing makes of them."""

    def case(name, shape, spacing, more, channels=1):
        random = np.random.default_rng(len(cases))
        stored = random.integers(1, 200, (channels, *shape)).astype(np.float32)
        stored[:, : shape[0] // 4] = 0
        stored[:, :, -2:] = 0
        stored[:, 2, 3, 3] = 0
        plan = dict(
            transpose_forward=[0, 1, 2],
            normalization_schemes=["ZScoreNormalization"] * channels,
            use_mask_for_norm=[False] * channels,
        )
        plan.update(more)
        image, back = preprocess(stored, spacing, plan)
        back_logits = random.normal(size=(2, *image.shape[1:])).astype(np.float32)
        plain = lambda array: [float(f"{v:.6g}") for v in array.ravel()]
        cases.append(
            dict(
                name=name,
                shape=stored.shape,
                stored=plain(stored),
                storedSpacing=spacing,
                plan=plan,
                inputShape=image.shape,
                input=plain(image),
                logits=plain(back_logits),
                labels="".join(str(v) for v in labels(back_logits, back, plan).ravel()),
            )
        )

    cases = []
    case("isotropic", (6, 9, 8), [1.0, 1.0, 1.0], dict(spacing=[0.8, 0.7, 1.3]))
    case("thick slices", (5, 9, 8), [4.0, 0.9, 1.0], dict(spacing=[2.5, 0.7, 0.7]))
    case(
        "transposed, within the mask",
        (9, 8, 6),
        [0.5, 0.6, 3.3],
        dict(spacing=[3.0, 0.45, 0.5], transpose_forward=[2, 0, 1], use_mask_for_norm=[True]),
    )
    case(
        "computed tomography and a second channel",
        (6, 8, 7),
        [1.0, 1.0, 1.0],
        dict(
            spacing=[1.0, 1.5, 1.5],
            normalization_schemes=["CTNormalization", "NoNormalization"],
            use_mask_for_norm=[False, False],
            foreground_intensity_properties_per_channel={
                "0": dict(mean=90.0, std=40.0, percentile_00_5=20.0, percentile_99_5=170.0)
            },
        ),
        channels=2,
    )
    case("slices", (4, 9, 8), [2.0, 1.0, 1.0], dict(spacing=[0.8, 1.2]))
    return cases


if __name__ == "__main__" and sys.argv[1:] == ["numbers"]:
    print(json.dumps(numbers(), separators=(",", ":")))
