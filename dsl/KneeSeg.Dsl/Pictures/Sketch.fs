/// What is drawn of a network: its boxes, with rows of the same folded into one, and the links between them.
module internal KneeSeg.Dsl.Sketch

open System.Collections.Generic
open KneeSeg.Dsl.Captions
open KneeSeg.Dsl.Items
open KneeSeg.Dsl.Owners
open KneeSeg.Dsl.Pieces

type Sketch = { Items: Item[]; Links: Link list }

/// Folds rows of the same: blocks always, single maps where there are many.
let private folded (items: (int * Item)[], links: Link list) =
    let after = links |> List.groupBy _.From |> dict
    let before = links |> List.groupBy _.To |> dict

    let targets (table: IDictionary<int, Link list>) i =
        match table.TryGetValue i with
        | true, links -> links
        | _ -> []

    let isAlike (i, a: Item) (j, b: Item) =
        let plain (caption: Caption) = {
            caption with
                Lines = List.filter (fun (line: string) -> not (line.StartsWith "rate")) caption.Lines
        }

        a.Piece.Kind = b.Piece.Kind
        && partOf a.Piece = partOf b.Piece
        && (a.Piece.Kind = Block || a.Piece.Kind = Map)
        && a.Piece.Stack = ""
        && b.Piece.Stack = ""
        && a.Last.Shape = b.Last.Shape
        && plain a.Caption = plain b.Caption
        && targets after i |> List.map _.To = [ j ]
        && targets before j |> List.map _.From = [ i ]

    let runs =
        ([], items)
        ||> Array.fold (fun runs next ->
            match runs with
            | (last :: _ as run) :: others when isAlike last next -> (next :: run) :: others
            | _ -> [ next ] :: runs)
        |> List.rev
        |> List.collect (fun run ->
            let isBlock = (snd run.Head).Piece.Kind = Block

            if run.Length > 3 || isBlock && run.Length > 1 then
                [ List.rev run ]
            else
                run |> List.rev |> List.map List.singleton)

    let number =
        dict [
            for n, run in List.indexed runs do
                for i, _ in run -> i, n
        ]

    {
        Items = [|
            for run in runs ->
                let _, last = List.last run

                {
                    last with
                        Times = run.Length
                        Piece = {
                            last.Piece with
                                Nodes = run |> Seq.collect (fun (_, item) -> item.Piece.Nodes) |> Array.ofSeq
                        }
                        IsAnswer = run |> List.exists (fun (_, item) -> item.IsAnswer)
                }
        |]
        Links = [
            for link in links do
                if number[link.From] <> number[link.To] then
                    {
                        link with
                            From = number[link.From]
                            To = number[link.To]
                    }
        ]
    }

/// What to draw of a network.
let sketch detail (graph: Graph) = items detail graph |> folded
