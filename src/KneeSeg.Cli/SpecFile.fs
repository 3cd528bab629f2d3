/// Specs as given on the command line: a name with variants, a `.json` file, an `.fsx` script that ends in a network or a list of
/// networks, or the folder of a plan.
module KneeSeg.Cli.SpecFile

open System
open System.IO
open System.Text.RegularExpressions
open KneeSeg
open KneeSeg.Cli.Scripts
open KneeSeg.Dsl
open KneeSeg.Dsl.Spec
open KneeSeg.Experiments
open KneeSeg.Experiments.Planning

let private extension (path: string) =
    (string (Path.GetExtension path)).ToLowerInvariant()

let private opened path =
    try
        File.OpenRead path
    with
    | :? FileNotFoundException
    | :? DirectoryNotFoundException -> Fail.at ExitCode.Data path "file not found" "Check the path"
    | :? IOException
    | :? UnauthorizedAccessException as error ->
        Fail.at
            ExitCode.Data
            path
            $"cannot be read ({error.Message.TrimEnd '.'})"
            "Check the path and its permissions"

let private refuse (diagnostics: Diagnostic list) =
    raise (SpecException(Array.ofList diagnostics))

let private readJson (path: string) text =
    match Json.read text with
    | Ok network -> network
    | Error diagnostics ->
        // Each with this file's name.
        refuse [
            for diagnostic in diagnostics -> { diagnostic with Where = $"{path}, {diagnostic.Where}" }
        ]

let private fromJson path =
    use file = opened path

    // A character takes four bytes at most; what is longer is not even read.
    if file.CanSeek && file.Length > 4L * int64 Json.length then
        refuse [ Diagnostic.at path "the file is too large for a spec" "Check the path" ]

    use reader = new StreamReader(file)
    readJson path (reader.ReadToEnd())

/// The networks that a script returned, or its errors.
let private returned path (outcome: FsiSession.Outcome) =
    match outcome.Results with
    | line :: _ as networks when not (line.StartsWith '!') ->
        // F#'s warnings, and what the script itself wrote to stderr.
        for line in outcome.Errors.Split '\n' do
            if line.Trim() <> "" then
                eprintfn "%s" line

        for word in Mistakes.shadowed (File.ReadAllLines path) do
            eprintfn "%s gives the word `%s` another meaning" path word

        List.map (readJson path) networks
    | refusal ->
        match FsiDiagnostics.diagnostics path outcome.Errors, refusal with
        | [], line :: _ ->
            let words = line.Substring(1).Split '\t'
            refuse [ Diagnostic.at path words[0] words[1] ]
        | [], [] ->
            refuse [
                Diagnostic.at
                    path
                    $"the script exited with code {outcome.Exit} before its last line"
                    "Remove the call to exit"
            ]
        | diagnostics, _ -> refuse diagnostics

/// The networks of a script, from what its session answered.
let private answered path (outcome: FsiSession.Outcome) =
    if not outcome.Started then
        Fail.at
            ExitCode.Resources
            "dotnet fsi"
            "F# scripts cannot be run"
            "Install the .NET 10 SDK so that dotnet fsi starts in this folder, or give the spec as .json"

    let given = returned path outcome
    let networks = List.distinct given

    if networks.Length < given.Length then
        eprintfn $"{path} lists {given.Length - networks.Length} networks twice: a variant changed nothing"

    match
        networks
        |> List.countBy _.FullName
        |> List.tryFind (fun (_, times) -> times > 1)
    with
    | Some(name, times) ->
        refuse [
            Diagnostic.at
                path
                $"{times} networks are named '{name}'"
                "Rename them, as in: small |> named \"small\""
        ]
    | None -> networks

let private runScript run (path: string) =
    // F# reports a path that cannot be read less clearly.
    use _ = opened path

    // F# takes more than a second to start.
    if not Console.IsErrorRedirected then
        eprintfn "running %s" path

    run (Path.GetFullPath path)

let private fromScript path =
    runScript FsiSession.run path |> answered path

/// `FILE`, `FILE+small`, `FILE#member` or `FILE#member+small`, unless there is a file of the whole name; of a plan its script.
let private parts (spec: string) =
    let spec = PlanFolder.NetworkOf spec |> Option.ofObj |> Option.defaultValue spec

    let found = Regex.Match(spec, SpecName.Pattern, RegexOptions.IgnoreCase)

    if found.Success && not (File.Exists spec) then
        let chosen = found.Groups["member"]

        found.Groups["file"].Value,
        (if chosen.Success then Some chosen.Value else None),
        found.Groups["variants"].Value
    else
        spec, None, ""

/// The member of a family, with variants: a member's own name may have some, too, so the longest that fits is meant.
let private chosen file (name: string) (variants: string) (family: Network list) =
    let whole = name + variants

    let fitting =
        family
        |> List.filter (fun network ->
            (whole + "+").StartsWith(network.FullName + "+", StringComparison.Ordinal))

    match fitting with
    | [] ->
        let unknown = Diagnostic.unknown "network" (family |> List.map _.FullName) whole
        refuse [ { unknown with Where = $"{file}#{whole}" } ]
    | fitting ->
        let network = fitting |> List.maxBy _.FullName.Length
        [ network ], whole.Substring network.FullName.Length

/// The networks of a spec: one, or those of a script that ends in a list, each with the variants after the file's name.
/// Throws SpecException with file, line and column where known, or ProblemException if a file is missing.
let networks (spec: string) : Network list =
    let file, name, variants = parts spec

    let all =
        match extension file with
        | ".fsx" -> fromScript file
        | ".json" -> [ fromJson file ]
        | _ ->
            match Names.parse file with
            | Ok network -> [ network ]
            | Error diagnostic -> refuse [ diagnostic ]

    let networks, variants =
        match name with
        | Some name -> chosen file name variants all
        | None -> all, variants

    [
        for network in networks do
            match Names.withVariants variants network with
            | Ok network -> network
            | Error diagnostic -> refuse [ diagnostic ]
    ]

/// The single network of a spec; several are an error.
let single spec (networks: Network list) =
    match networks with
    | [ network ] -> network
    | several ->
        Fail.usage
            spec
            $"expected one network, got {several.Length}"
            $"End the script with one network, or choose one, as in {spec}#{several[0].FullName}"

/// The single network of a spec; a script that ends in several is an error.
let network (spec: string) : Network = networks spec |> single spec

/// A network and, of a script's, which lines made what in it.
type Traced = { Network: Network; Lines: string option }

let private traced path outcome = {
    Network = answered path outcome |> single path
    Lines = List.tryExactlyOne outcome.Lines
}

/// The single network of a script or another file, with what its lines made.
let lines (path: string) : Traced =
    if extension path = ".fsx" then
        runScript FsiSession.runLines path |> traced path
    else
        { Network = network path; Lines = None }

/// When a file was last saved, or a script beside it, which it may load.
let private saved (path: string) =
    let folder = string (Path.GetDirectoryName(Path.GetFullPath path))

    Seq.append [ Path.GetFullPath path ] (Directory.EnumerateFiles(folder, "*.fsx"))
    |> Seq.map File.GetLastWriteTimeUtc
    |> Seq.max

/// What reads the file when it is saved next: for a script a session of F# stands by, and answers within half a second.
let private nextReader (path: string) : IDisposable * (unit -> Traced) =
    if extension path = ".fsx" then
        let standby = new FsiSession.Standby(Path.GetFullPath path)
        standby, (fun () -> standby.Run() |> traced path)
    else
        {
            new IDisposable with
                member _.Dispose() = ()
        },
        (fun () -> lines path)

/// Hands on what reads the file's network: at once, and again after each save, without end.
let watch (path: string) (show: (unit -> Traced) -> unit) =
    let mutable shown = saved path
    show (fun () -> lines path)

    while true do
        let standby, read = nextReader path
        use _ = standby

        while saved path = shown do
            Threading.Thread.Sleep 20

        shown <- saved path
        show read

/// A network's graph for so many channels and classes.
let graph channels classes (network: Network) =
    Networks.Elaborate(NetworkSpec network, channels, classes)
