namespace KneeSeg.Cli

/// Numbers to compute with, as words of a flag.
type Numbers =
    | Auto
    | Fp32
    | Bf16

/// What those words mean.
module Numbers =
    /// The precision of a word.
    let precision numbers =
        match numbers with
        | Auto -> KneeSeg.Torch.Precision.Auto
        | Fp32 -> KneeSeg.Torch.Precision.Fp32
        | Bf16 -> KneeSeg.Torch.Precision.Bf16
