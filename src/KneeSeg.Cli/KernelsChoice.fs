namespace KneeSeg.Cli

/// The values of `--kernels`.
type KernelsChoice =
    | Own
    | Libtorch

/// The kernels that each value selects.
module KernelsChoice =
    /// The kernels of a choice.
    let kernels choice =
        match choice with
        | Own -> KneeSeg.Torch.KernelChoice.Own
        | Libtorch -> KneeSeg.Torch.KernelChoice.Libtorch
