/// How the value of a user's script gets out of the F# that ran it.
module KneeSeg.Dsl.Script

open System.IO
open KneeSeg.Dsl.Spec

/// What a script finds opened.
let opened = [
    "KneeSeg.Dsl"
    "KneeSeg.Dsl.Spec"
    "KneeSeg.Dsl.Words"
    "KneeSeg.Dsl.Variants"
    "KneeSeg.Dsl.Zoo"
]

let private networks (value: obj | null) =
    match value with
    | :? Network as network -> Ok [ network ]
    | :? seq<Network> as networks -> Ok(List.ofSeq networks)
    | _ -> Error "ends with something that is no network"

/// Writes the networks that a script ended with, one canonical JSON a line; or, after a `!`, why there are none.
let save (path: string) (value: obj | null) =
    let lines =
        match networks value with
        | Error problem -> [ "!" + problem ]
        | Ok [] -> [ "!ends with an empty list" ]
        | Ok networks -> [
            for network in networks ->
                match Limits.check network with
                | Ok() -> Json.text network
                | Error problem -> $"!{problem.What}"
          ]

    File.WriteAllLines(path, lines)
