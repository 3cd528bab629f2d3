/// `kneeseg probe`: a network's answer to fixed weights and input.
module KneeSeg.Cli.Commands.Probe

open Argu
open KneeSeg
open KneeSeg.Cli

/// What it takes.
type Arguments =
    | [<MainCommand; Mandatory>] Specs of SPEC: string list
    | Size of DxHxW: string
    | Channels of N: int
    | Classes of N: int
    | Gain of G: float
    | Probabilities
    | Json

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | Specs _ -> "networks with variants, or .fsx or .json files"
            | Size _ -> "size of the input; 32x32x32 unless given, 64x64 in 2D"
            | Channels _ -> "channels of the input; 1 unless given"
            | Classes _ -> "classes; 7 unless given"
            | Gain _ -> "factor of all weights; 1 unless given"
            | Probabilities -> "apply sigmoid (one class) or softmax to the answer"
            | Json -> "print a JSON array instead, one object a network"

let private run (arguments: ParseResults<Arguments>) : ExitCode = Unwired.run "probe"

/// The command.
let command =
    Command.create
        "probe"
        "compares a network with another implementation of it"
        "Fills weights and input with numbers that depend on their indices alone, runs the network once in float32 and
prints statistics of its answer. Another implementation that is filled alike must give the same numbers."
        "kneeseg probe unet --channels 1 --classes 7
        kneeseg probe unet3d vnet+relative --classes 1 --json"
        run
