/// Every network of the zoo.
module KneeSeg.Dsl.Zoo.Entries

/// The networks as they are shown: for images, for volumes, and those of the published knee tables.
let groups = [
    "2D networks",
    List.concat [
        SegNet.entries
        UNet.entries
        MultiResUNet.entries
        Tiramisu.entries
        DeepLab.entries
    ]
    "3D networks", UNet3d.entries @ VNet.entries @ Unetr.entries
    "Knee tables (3D)", KneeBaselines.entries
]

/// All of them, in that order.
let all = List.collect snd groups
