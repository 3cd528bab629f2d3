/// Which line of a script made what in its network. While the script runs, the values of its lines are marked; once the graph
/// is known, so are their shapes. Marks are on the blocks that have none inside, since words rebuild
/// all others.
module KneeSeg.Dsl.ScriptLines

open System
open System.Collections.Generic
open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Marks

let mutable private values = 0

let rec private innermost block =
    match Tree.inside block with
    | [] -> [ block ]
    | inside -> List.collect innermost inside

/// Marks a block as made by a line: the same, but for the identity of its innermost blocks.
let private markBlock line block =
    let indices = Seq.initInfinite id |> _.GetEnumerator()
    values <- values + 1
    let value = values

    let rec mark block =
        if (Tree.inside block).IsEmpty then
            indices.MoveNext() |> ignore
            let mark = { Line = line; Value = value; Index = indices.Current }
            Marks.put (mark :: Marks.find block) block
        else
            Tree.mapInside mark block

    if Limits.holds block then mark block else block

/// A level as the only one of an encoder-decoder.
let private markLevel line level =
    match markBlock line (EncoderDecoder { Levels = [ level ]; Bottleneck = Chain []; Head = None }) with
    | EncoderDecoder { Levels = [ marked ] } -> marked
    | _ -> level

/// The value that a line of a script made, marked where it is a block, a skip connection, a level or a network.
let at (line: int) (value: 'T) : 'T =
    match box value with
    | :? Block as block -> markBlock line block |> box |> unbox
    | :? Level as level -> markLevel line level |> box |> unbox
    | :? Skip as skip ->
        skip
        |> Tree.mapSkip (fun skip -> { skip with Via = markBlock line skip.Via })
        |> box
        |> unbox
    | :? Network as network -> { network with Body = markBlock line network.Body } |> box |> unbox
    | _ -> value

/// A network's marks as text.
let write (network: Network) : string =
    let text mark =
        $"{mark.Line}.{mark.Value}.{mark.Index}"

    innermost network.Body
    |> List.map (fun block -> Marks.find block |> List.map text |> String.concat ",")
    |> String.concat ";"

let private read (text: string) = [|
    for block in text.Split ';' ->
        [
            for mark in block.Split(',', StringSplitOptions.RemoveEmptyEntries) do
                let numbers = mark.Split '.' |> Array.map int
                { Line = numbers[0]; Value = numbers[1]; Index = numbers[2] }
        ]
|]

/// A value in the network: its line, and its innermost blocks by their numbers.
type private Value = {
    Line: int
    Blocks: int list
} with

    member value.First = List.head value.Blocks
    member value.Last = List.last value.Blocks

/// The values that the marks of a network tell. A value that stands in several places is several.
let private valuesOf (marks: Mark list array) = [
    for _, found in
        marks
        |> Seq.indexed
        |> Seq.collect (fun (block, marks) -> marks |> Seq.map (fun mark -> block, mark))
        |> Seq.groupBy (fun (_, mark) -> mark.Value) do
        let found = List.ofSeq found

        // Where the value begins again, another one begins.
        let begins =
            found
            |> List.pairwise
            |> List.map (fun ((_, a), (_, b)) -> if b.Index <= a.Index then 1 else 0)
            |> List.scan (+) 0

        for _, place in List.zip begins found |> List.groupBy fst do
            { Line = (snd found.Head).Line; Blocks = place |> List.map (snd >> fst) }
]

/// What a line of a script made: the node that it hands on, and the parameters in it.
type Made = { Line: int; Output: Node; Parameters: int64 }

/// A network's blocks by the numbers of the first and the last innermost block in each.
let private spans (network: Network) =
    let spans = Dictionary<Block, struct (int * int)>(HashIdentity.Reference)
    let mutable next = 0

    let rec number block =
        let first = next

        match Tree.inside block with
        | [] -> next <- next + 1
        | inside -> List.iter number inside

        spans[block] <- struct (first, next - 1)

    number network.Body
    spans, next

/// What the lines of a script made in a network, and the errors in it with their lines, where known. Without any where the
/// network was changed so that the marks no longer fit.
let describe
    channels
    classes
    (network: Network)
    (marks: string)
    : Made list * (int option * Diagnostic) list =
    let marks = read marks
    let spans, count = spans network

    if marks.Length <> count || Result.isError (Limits.check network) then
        [], []
    else
        let seen = List<GraphBuilder.GraphBuilder>()
        let result = Elaborate.elaborateWith seen.Add channels classes network
        let builder = seen[0]
        let values = valuesOf marks

        let elaborated =
            builder.Elaborated
            |> Seq.filter (fun one -> spans.ContainsKey one.Block)
            |> Seq.groupBy (fun one -> spans[one.Block])
            |> dict

        let made (value: Value) =
            // The outermost block that ends with the value, and its last pass.
            let output =
                elaborated.Keys
                |> Seq.filter (fun struct (first, last) -> first >= value.First && last = value.Last)
                |> Seq.sort
                |> Seq.tryHead
                |> Option.map (fun span -> Seq.last elaborated[span])

            let nodes = [
                for block in value.Blocks do
                    match elaborated.TryGetValue(struct (block, block)) with
                    | true, passes ->
                        for pass in passes do
                            for id in pass.First .. pass.Next - 1 -> builder.Nodes[id]
                    | _ -> ()
            ]

            output
            |> Option.map (fun output -> {
                Line = value.Line
                Output = builder.Nodes[output.Output]
                Parameters = Cost.parametersOf (List.distinctBy _.Id nodes)
            })

        // The line of the smallest value around a block.
        let lineOf block =
            match spans.TryGetValue block with
            | true, struct (first, last) ->
                values
                |> List.filter (fun value -> value.First <= first && last <= value.Last)
                |> List.rev
                |> List.sortBy _.Blocks.Length
                |> List.tryHead
                |> Option.map _.Line
            | _ -> None

        match result with
        | Ok _ -> values |> List.choose made, []
        | Error _ ->
            [],
            [
                for struct (block, diagnostic) in builder.Reports -> Option.bind lineOf block, diagnostic
            ]
            |> List.distinctBy (fun (line, diagnostic) -> line, diagnostic.What, diagnostic.Fix)
