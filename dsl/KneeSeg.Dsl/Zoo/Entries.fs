/// Every network of the zoo.
module KneeSeg.Dsl.Zoo.Entries

/// The networks as they are shown: for images, for volumes, and those of the published knee tables.
let groups = [
    "2D networks",
    List.concat [
        SegNet.entries
        UNet.entries
        Recalibration.entries
        MultiResUNet.entries
        ResUNetPlusPlus.entries
        UNet3Plus.entries
        Tiramisu.entries
        DeepLab.entries
        BackboneUNets.entries
        HRNet.entries
        EfficientNet.entries
        TransUNet.entries
    ]
    "3D networks",
    List.concat [
        UNet3d.entries
        CoarseToFine.entries
        VNet.entries
        SegResNet.entries
        BasicUNet.entries
        NnUNet.entries
        DynUNet.entries
        Unetr.entries
        MedNeXt.entries
        HighRes3DNet.entries
        MonaiUNet.entries
        AnisotropicUNets.entries
    ]
    "Knee tables (3D)", KneeBaselines.entries
]

/// All of them, in that order.
let all = List.collect snd groups
