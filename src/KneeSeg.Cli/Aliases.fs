/// Earlier names of commands and flags. They keep working, and help shows only the current ones.
module KneeSeg.Cli.Aliases

open System

/// Earlier name, current name.
let commands = [
    "folds", "cross-validate"
    "check", "validate"
    "probe", "verify"
    "postprocess", "tune-postprocessing"
    "runs", "list"
]

/// Command, earlier flag, current flag.
let flags = [ "train", "--from", "--init-from"; "predict", "--flips", "--tta" ]

let private currentCommand name =
    commands
    |> List.tryFind (fun (earlier, _) -> earlier = name)
    |> Option.map snd
    |> Option.defaultValue name

/// "--from" and "--from=runs/first" alike.
let private currentFlag command (word: string) =
    flags
    |> List.tryPick (fun (name, earlier, flag) ->
        if name <> command then
            None
        elif word = earlier then
            Some flag
        elif word.StartsWith(earlier + "=", StringComparison.Ordinal) then
            Some(flag + word.Substring earlier.Length)
        else
            None)
    |> Option.defaultValue word

/// The same command line with current names.
let current (words: string[]) : string[] =
    match List.ofArray words with
    | "help" :: name :: rest -> [| "help"; currentCommand name; yield! rest |]
    | name :: rest ->
        let command = currentCommand name
        [| command; yield! List.map (currentFlag command) rest |]
    | [] -> words
