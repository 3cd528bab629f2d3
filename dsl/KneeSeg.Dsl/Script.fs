/// What runs around a user's script in the `dotnet fsi` that reads it: how its value gets to the program that waits
/// for it.
module KneeSeg.Dsl.Script

open System
open System.IO
open KneeSeg.Dsl.Spec

/// Begins every line that is meant for the program, so that what the script prints stays apart.
let mark = "\u001e"

/// Networks of one script; a sequence may have no end.
let private most = 1000

/// A script's value that is no network, in words.
let private described (value: obj | null) =
    match value with
    | null -> "without a value"
    | :? Block -> "with a block, not a network"
    | :? (Block seq) -> "with blocks, not a network"
    | :? string -> "with a text, not a network"
    | :? (obj seq) as items when Seq.isEmpty items -> "with an empty list"
    | :? (obj seq) -> "with a list of something else than networks"
    | value when Reflection.FSharpType.IsFunction(value.GetType()) -> "with a function, not a network"
    | value ->
        let name = (value.GetType().Name.Split '`')[0]
        $"""with a value of type {name.Replace("FSharp", "")}, not a network"""

let private networks (value: obj | null) : Network list =
    match value with
    | :? Network as network -> [ network ]
    | :? (Network seq) as several -> several |> Seq.truncate (most + 1) |> List.ofSeq
    | _ -> []

/// The lines of a script's value: the canonical JSON of each network, or, after a `!`, what is wrong and, after a tab,
/// how to fix it.
let lines (value: obj | null) : string list =
    let refusal what fix = [ $"!{what}\t{fix}" ]

    match networks value with
    | [] ->
        match value with
        | :? Block
        | :? (Block seq) -> "Make it a network: network3d \"name\" [ ... ]"
        | _ -> "End the script with the network itself, or with a list of networks"
        |> refusal $"ends {described value}"
    | networks when networks.Length > most ->
        refusal $"ends with more than {most} networks" "End the script with fewer"
    | networks ->
        let beyond network =
            match Limits.check network with
            | Error diagnostic -> Some diagnostic
            | Ok() -> None

        match List.tryPick beyond networks with
        | Some diagnostic -> refusal diagnostic.What diagnostic.Fix
        | None -> List.map Json.text networks

/// Lines for the program, after whatever the script printed last.
let private send (lines: string list) =
    Console.Out.Flush()
    use out = new StreamWriter(Console.OpenStandardOutput())
    out.WriteLine()
    List.iter (fun line -> out.WriteLine(mark + line)) lines

/// Before the script: says that it begins.
let start () = send [ "" ]

let mutable private sent: string list = []

/// After the script: sends its value.
let finish (value: 'T) =
    sent <- lines (box value)
    send sent

/// Begins what tells where each line's values went; what is printed from now on is not the user's business.
let startLines () =
    Console.Error.Flush()
    Console.Error.WriteLine mark

/// Begins the lines of `finishLines`, so that they stay apart from networks.
let lineMark = "@"

/// After the script ran again with its lines marked: sends the marks of its networks, unless they differ this time.
let finishLines (value: 'T) =
    let networks = networks (box value)

    if List.map Json.text networks = sent then
        send [ for network in networks -> lineMark + ScriptLines.write network ]
