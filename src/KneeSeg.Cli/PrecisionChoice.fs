namespace KneeSeg.Cli

/// The values of `--precision`.
type PrecisionChoice =
    | Auto
    | Fp32
    | Bf16

/// The precision that each value selects.
module PrecisionChoice =
    /// The precision of a choice.
    let precision choice =
        match choice with
        | Auto -> KneeSeg.Torch.Precision.Auto
        | Fp32 -> KneeSeg.Torch.Precision.Fp32
        | Bf16 -> KneeSeg.Torch.Precision.Bf16
