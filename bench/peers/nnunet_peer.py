"""nnU-Net results with random weights, and what nnU-Net's steps make of an image with them: the other side of bench/nnunet.sh.

`nnunet_peer.py FOLDER` writes for each configuration FOLDER/NAME/nnUNetTrainer__nnUNetPlans__CONFIGURATION with plans.json,
dataset.json and fold_N/checkpoint_final.pth; FOLDER/NAME/images/knee.nii.gz; and in FOLDER/NAME/reference.npz a window with its
logits by the first fold, and the labels with all folds and mirrors. Modules are called as in nnU-Net's networks.
"""

import gzip
import json
import os
import struct
import sys

import numpy as np
import torch
from torch import nn

import nnunet_reference as steps

torch.manual_seed(0)


class Unit(nn.Module):
    """Convolution, instance norm and mostly an activation, which nnU-Net holds twice: by name and in a sequence."""

    def __init__(self, dim, before, width, kernel, stride, bias=True, act=True):
        super().__init__()
        conv, norm = (nn.Conv2d, nn.InstanceNorm2d) if dim == 2 else (nn.Conv3d, nn.InstanceNorm3d)
        self.conv = conv(before, width, kernel, stride, [(k - 1) // 2 for k in kernel], bias=bias)
        self.norm = norm(width, eps=1e-5, affine=True)
        parts = [self.conv, self.norm]
        if act:
            self.nonlin = nn.LeakyReLU(inplace=True)
            parts.append(self.nonlin)
        self.all_modules = nn.Sequential(*parts)

    def forward(self, x):
        return self.all_modules(x)


class Stack(nn.Module):
    def __init__(self, units):
        super().__init__()
        self.convs = nn.Sequential(*units)

    def forward(self, x):
        return self.convs(x)


class Block(nn.Module):
    """A residual block, second form of He et al. 2019: the shortcut averages before it projects."""

    def __init__(self, dim, before, width, kernel, stride):
        super().__init__()
        one = [1] * dim
        self.conv1 = Unit(dim, before, width, kernel, stride)
        self.conv2 = Unit(dim, width, width, kernel, one, act=False)
        self.nonlin2 = nn.LeakyReLU(inplace=True)
        skip = []
        if any(s != 1 for s in stride):
            skip.append((nn.AvgPool2d if dim == 2 else nn.AvgPool3d)(stride, stride))
        if before != width:
            skip.append(Unit(dim, before, width, one, one, bias=False, act=False))
        self.skip = nn.Sequential(*skip) if skip else None

    def forward(self, x):
        around = x if self.skip is None else self.skip(x)
        return self.nonlin2(self.conv2(self.conv1(x)) + around)


class Blocks(nn.Module):
    def __init__(self, blocks):
        super().__init__()
        self.blocks = nn.Sequential(*blocks)

    def forward(self, x):
        return self.blocks(x)


class Encoder(nn.Module):
    def __init__(self, channels, dim, plan, residual):
        super().__init__()
        before, stages = channels, []
        if residual:
            self.stem = Stack([Unit(dim, channels, plan["features_per_stage"][0], plan["kernel_sizes"][0], [1] * dim)])
            before = plan["features_per_stage"][0]
        counts = plan["n_blocks_per_stage" if residual else "n_conv_per_stage"]
        for width, kernel, stride, count in zip(plan["features_per_stage"], plan["kernel_sizes"], plan["strides"], counts):
            parts = [
                (Block if residual else Unit)(dim, before if i == 0 else width, width, kernel, stride if i == 0 else [1] * dim)
                for i in range(count)
            ]
            stages.append(Blocks(parts) if residual else nn.Sequential(Stack(parts)))
            before = width
        self.stages = nn.Sequential(*stages)

    def forward(self, x):
        x = self.stem(x) if hasattr(self, "stem") else x
        skips = []
        for stage in self.stages:
            x = stage(x)
            skips.append(x)
        return skips


class Decoder(nn.Module):
    def __init__(self, encoder, classes, dim, plan):
        super().__init__()
        self.encoder = encoder
        up = nn.ConvTranspose2d if dim == 2 else nn.ConvTranspose3d
        head = nn.Conv2d if dim == 2 else nn.Conv3d
        widths, last = plan["features_per_stage"], plan["n_stages"] - 1
        stages, ups, heads = [], [], []
        for j in range(last):
            s = last - 1 - j
            ups.append(up(widths[s + 1], widths[s], plan["strides"][s + 1], plan["strides"][s + 1], bias=True))
            stages.append(
                Stack(
                    [
                        Unit(dim, widths[s] * (2 if i == 0 else 1), widths[s], plan["kernel_sizes"][s], [1] * dim)
                        for i in range(plan["n_conv_per_stage_decoder"][j])
                    ]
                )
            )
            heads.append(head(widths[s], classes, 1, 1, 0, bias=True))
        self.stages, self.transpconvs, self.seg_layers = map(nn.ModuleList, (stages, ups, heads))

    def forward(self, skips):
        x = skips[-1]
        for j in range(len(self.stages)):
            x = self.stages[j](torch.cat((self.transpconvs[j](x), skips[-(j + 2)]), 1))
        return self.seg_layers[-1](x)


class Network(nn.Module):
    def __init__(self, channels, classes, dim, plan, residual):
        super().__init__()
        self.encoder = Encoder(channels, dim, plan, residual)
        self.decoder = Decoder(self.encoder, classes, dim, plan)

    def forward(self, x):
        return self.decoder(self.encoder(x))


def architecture(dim, residual, **more):
    kind = "ResidualEncoderUNet" if residual else "PlainConvUNet"
    kwargs = dict(
        conv_op=f"torch.nn.modules.conv.Conv{dim}d",
        conv_bias=True,
        norm_op=f"torch.nn.modules.instancenorm.InstanceNorm{dim}d",
        norm_op_kwargs=dict(eps=1e-05, affine=True),
        dropout_op=None,
        dropout_op_kwargs=None,
        nonlin="torch.nn.LeakyReLU",
        nonlin_kwargs=dict(inplace=True),
        **more,
    )
    return dict(
        network_class_name=f"dynamic_network_architectures.architectures.unet.{kind}",
        arch_kwargs=kwargs,
        _kw_requires_import=["conv_op", "norm_op", "dropout_op", "nonlin"],
    )


def kwargs(order):
    return dict(is_seg=False, order=order, order_z=0, force_separate_z=None)


def configuration(patch, spacing, arch, schemes=("ZScoreNormalization",), mask=False):
    return dict(
        data_identifier="nnUNetPlans",
        preprocessor_name="DefaultPreprocessor",
        batch_size=2,
        patch_size=patch,
        median_image_size_in_voxels=patch,
        spacing=spacing,
        normalization_schemes=list(schemes),
        use_mask_for_norm=[mask] * len(schemes),
        resampling_fn_data="resample_data_or_seg_to_shape",
        resampling_fn_data_kwargs=kwargs(3),
        resampling_fn_probabilities="resample_data_or_seg_to_shape",
        resampling_fn_probabilities_kwargs=kwargs(1),
        architecture=arch,
        batch_dice=False,
    )


FLAT, CUBE = [1, 3, 3], [3, 3, 3]
CASES = {
    # Slices of 4 mm, so that they are resampled one by one, and stored with the coarse axis last.
    "plain": dict(
        configuration="3d_fullres",
        transpose=[2, 0, 1],
        shape=[60, 66, 17],
        spacing=[0.6, 0.65, 4.0],
        channels=["MRI"],
        folds=2,
        classes=4,
        plan=configuration(
            [8, 48, 40],
            [3.2, 0.8, 0.8],
            architecture(
                3,
                False,
                n_stages=4,
                features_per_stage=[8, 16, 24, 32],
                kernel_sizes=[FLAT, FLAT, CUBE, CUBE],
                strides=[[1, 1, 1], [1, 2, 2], [2, 2, 2], [2, 2, 2]],
                n_conv_per_stage=[2, 2, 2, 2],
                n_conv_per_stage_decoder=[2, 2, 2],
            ),
        ),
    ),
    "resenc": dict(
        configuration="3d_fullres",
        transpose=[0, 1, 2],
        shape=[30, 52, 45],
        spacing=[1.1, 0.7, 0.9],
        channels=["T1", "T2"],
        folds=1,
        classes=3,
        plan=configuration(
            [32, 32, 32],
            [0.9, 0.8, 0.8],
            architecture(
                3,
                True,
                n_stages=4,
                features_per_stage=[8, 16, 16, 24],
                kernel_sizes=[CUBE] * 4,
                strides=[[1, 1, 1], [2, 2, 2], [2, 2, 2], [1, 2, 2]],
                n_blocks_per_stage=[1, 3, 2, 2],
                n_conv_per_stage_decoder=[1, 1, 1],
            ),
            schemes=("ZScoreNormalization", "CTNormalization"),
            mask=True,
        ),
    ),
    "slices": dict(
        configuration="2d",
        transpose=[0, 1, 2],
        shape=[9, 50, 44],
        spacing=[3.0, 0.7, 0.9],
        channels=["MRI"],
        folds=1,
        classes=3,
        plan=configuration(
            [32, 48],
            [0.8, 0.8],
            architecture(
                2,
                False,
                n_stages=3,
                features_per_stage=[8, 16, 24],
                kernel_sizes=[[3, 3]] * 3,
                strides=[[1, 1], [2, 2], [2, 2]],
                n_conv_per_stage=[2, 2, 2],
                n_conv_per_stage_decoder=[2, 2],
            ),
        ),
    ),
}


def write_nifti(path, array, spacing):
    """A float32 array z y x, with these mm along z y x."""
    shape, mm = array.shape[::-1], spacing[::-1]
    header = bytearray(352)
    struct.pack_into("<i", header, 0, 348)
    struct.pack_into("<8h", header, 40, 3, *shape, 1, 1, 1, 1)
    struct.pack_into("<2h", header, 70, 16, 32)
    struct.pack_into("<8f", header, 76, 1, *mm, 0, 0, 0, 0)
    struct.pack_into("<f", header, 108, 352)
    header[123] = 2
    struct.pack_into("<2h", header, 252, 0, 1)
    for axis in range(3):
        struct.pack_into("<f", header, 280 + 20 * axis, mm[axis])
    header[344:348] = b"n+1\0"
    with gzip.open(path, "wb", 1) as file:
        file.write(header + array.astype("<f4").tobytes())


def smooth(random, shape, scale):
    from scipy import ndimage

    values = ndimage.gaussian_filter(random.normal(size=shape), [scale / 2, scale, scale])
    return values / values.std()


def make(folder, name, case):
    random = np.random.default_rng(1)
    plan, channels = case["plan"], case["channels"]
    dim = len(plan["patch_size"])
    residual = "Residual" in plan["architecture"]["network_class_name"]
    labels = {"background": 0, **{f"tissue {i}": i for i in range(1, case["classes"])}}
    known = {str(i): dict(mean=150.0, std=60.0, percentile_00_5=20.0, percentile_99_5=300.0) for i in range(len(channels))}
    plans = dict(
        dataset_name="Dataset042_Knee",
        plans_name="nnUNetPlans",
        original_median_spacing_after_transp=[case["spacing"][i] for i in case["transpose"]],
        image_reader_writer="SimpleITKIO",
        transpose_forward=case["transpose"],
        transpose_backward=[case["transpose"].index(i) for i in range(3)],
        configurations={case["configuration"]: plan},
        foreground_intensity_properties_per_channel=known,
    )
    dataset = dict(channel_names={str(i): c for i, c in enumerate(channels)}, labels=labels, numTraining=3, file_ending=".nii.gz")
    results = os.path.join(folder, name, f"nnUNetTrainer__nnUNetPlans__{case['configuration']}")
    os.makedirs(results)
    json.dump(plans, open(os.path.join(results, "plans.json"), "w"), indent=1)
    json.dump(dataset, open(os.path.join(results, "dataset.json"), "w"), indent=1)

    networks = []
    for fold in range(case["folds"]):
        network = Network(len(channels), case["classes"], dim, plan["architecture"]["arch_kwargs"], residual).eval()
        with torch.no_grad():
            for module in network.modules():
                if isinstance(module, (nn.InstanceNorm2d, nn.InstanceNorm3d)):
                    module.weight.normal_(1, 0.3)
                    module.bias.normal_(0, 0.3)
        networks.append(network)
        os.makedirs(os.path.join(results, f"fold_{fold}"))
        torch.save(
            dict(
                network_weights=network.state_dict(),
                optimizer_state=dict(state={0: dict(momentum_buffer=torch.zeros(3))}, param_groups=[dict(lr=0.01)]),
                grad_scaler_state=None,
                logging=dict(mean_fg_dice=[np.float64(0.5)], epoch_start_timestamps=[1.5]),
                _best_ema=np.float64(0.5),
                current_epoch=1000,
                init_args=dict(plans=plans, configuration=case["configuration"], fold=fold, dataset_json=dataset, device=torch.device("cpu")),
                trainer_name="nnUNetTrainer",
                inference_allowed_mirroring_axes=tuple(range(dim)),
            ),
            os.path.join(results, f"fold_{fold}", "checkpoint_final.pth"),
        )

    # A bright body in a volume with zeros around, at places no box of the two is symmetric about.
    shape = case["shape"]
    stored = np.stack([150 + 60 * smooth(random, shape, 4) for _ in channels]).astype(np.float32)
    stored[:, : shape[0] // 10] = 0
    stored[:, :, -(shape[1] // 7) :] = 0
    stored[:, :, :, :2] = 0
    stored[:, shape[0] // 2, shape[1] // 2, shape[2] // 2] = 0
    images = os.path.join(folder, name, "images")
    os.makedirs(images)
    for i, channel in enumerate(stored):
        suffix = f"_{i:04}" if len(channels) > 1 else ""
        write_nifti(os.path.join(images, f"knee{suffix}.nii.gz"), channel, case["spacing"])

    reference = dict(plans, **plan)
    # The header holds float32, which decides sizes that are near a half.
    image, back = steps.preprocess(stored, [float(np.float32(mm)) for mm in case["spacing"]], reference)

    def run(network):
        def call(part):
            with torch.no_grad():
                return network(torch.from_numpy(np.ascontiguousarray(part))).numpy()

        return call

    window = random.normal(size=(1, len(channels), *plan["patch_size"])).astype(np.float32)
    found = {}
    for kind, mirrors in (("plain", []), ("mirrored", range(dim))):
        mean = sum(steps.logits(image, run(network), plan["patch_size"], mirrors) for network in networks) / len(networks)
        found[kind] = steps.labels(mean, back, reference)
        print(name, kind, "voxels of each label", np.bincount(found[kind].ravel()).tolist(), flush=True)
    np.savez(
        os.path.join(folder, name, "reference.npz"),
        window=window,
        window_logits=run(networks[0])(window),
        **found,
    )


if __name__ == "__main__":
    for name, case in CASES.items():
        make(sys.argv[1], name, case)
