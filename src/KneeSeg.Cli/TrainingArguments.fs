/// What `train` and `cross-validate` share: the texts of their flags, and the request that the flags make.
module KneeSeg.Cli.TrainingArguments

open KneeSeg.Dsl
open KneeSeg.Experiments.Planning
open KneeSeg.Torch
open KneeSeg.Training
open KneeSeg.Training.Parallel

/// A flag's line in help.
module Usage =
    let spec =
        "network with variants, such as vnet+relative or mine.fsx+small; in a family, mine.fsx#name; or a plan's folder, with its recipe"

    let data = "dataset folder or its dataset.json; can be repeated to train on several"
    let recipe = "recipe name or .json file"
    let patch = "patch size"
    let epochs = "number of epochs"
    let seed = "random seed (default: 1)"
    let device = "cpu or cuda (default: cpu)"

    let precision =
        "numeric precision (default: auto, which is bf16 where the processor multiplies it faster)"

    let kernels =
        "what computes narrow layers on a CPU: own, or libtorch as for all others (default: own)"

    let memory = "memory limit for a training step, such as 8G (default: free memory)"
    let set = "set a recipe field, as stepsPerEpoch=20; can be repeated"

/// The values of the flags.
type Values = {
    Spec: string
    Data: string list
    /// The run folder.
    Folder: string
    Recipe: string option
    Patch: string list
    Epochs: int list
    Seed: int list
    Device: string option
    Precision: PrecisionChoice option
    Kernels: KernelsChoice option
    Memory: string option
    Set: string list
    /// The run to initialize from.
    InitFrom: string option
    /// The processes that train together.
    Ranks: Ranks
}

/// The training that the values ask for.
let request (values: Values) =
    // A plan has a recipe of its own.
    let named =
        values.Recipe |> Option.orElse (Option.ofObj (PlanFolder.RecipeOf values.Spec))

    let recipe =
        RecipeChoice.recipe named [
            for patch in values.Patch -> $"patch={patch}"
            for epochs in values.Epochs -> $"epochs={epochs}"
            for seed in values.Seed -> $"seed={seed}"
            yield! values.Set
        ]

    TrainingRequest(
        NetworkSpec(SpecFile.network values.Spec),
        List.head values.Data,
        values.Folder,
        recipe,
        PrecisionChoice.precision (Option.defaultValue Auto values.Precision),
        DeviceChoice.Resolve(Option.defaultValue "cpu" values.Device),
        Kernels = KernelsChoice.kernels (Option.defaultValue Own values.Kernels),
        FurtherData = ResizeArray(List.tail values.Data),
        Memory = (values.Memory |> Option.map (MemorySize.parse "--memory") |> Option.toNullable),
        InitFrom = Option.toObj values.InitFrom,
        Ranks = values.Ranks
    )
