/// Every network of the zoo.
module KneeSeg.Dsl.Zoo.Entries

/// The 2D networks, then those for volumes.
let all =
    List.concat [
        SegNet.entries
        UNet.entries
        MultiResUNet.entries
        Tiramisu.entries
        DeepLab.entries
        UNet3d.entries
        VNet.entries
        KneeBaselines.entries
    ]
