/// How large the boxes of a network's picture are, and what stands in and above them.
module internal KneeSeg.Dsl.Boxes

open System
open KneeSeg.Dsl.Items
open KneeSeg.Dsl.Pieces

/// A box with its place along the row, and how far its middle is below the row's.
type Box = {
    Item: Item
    /// What stands inside, line by line.
    Lines: string list
    /// What stands above.
    Label: string
    Row: int
    X: float
    Below: float
    Width: float
    Height: float
} with

    member box.Right = box.X + box.Width
    member box.Middle = box.X + box.Width / 2.0

/// Space between boxes, wide enough for a short text on an arrow.
let gap = 30.0

/// Roughly how wide a text is in Helvetica and its like.
let textWidth (size: float) (text: string) =
    let share letter =
        match letter with
        | 'i'
        | 'j'
        | 'l'
        | 't'
        | 'f'
        | 'r'
        | '.'
        | ','
        | ' '
        | '|'
        | '('
        | ')'
        | '·'
        | '-'
        | ':' -> 0.31
        | 'm'
        | 'w'
        | 'M'
        | 'W' -> 0.85
        | upper when Char.IsUpper upper -> 0.7
        | _ -> 0.57

    size * Seq.sumBy share text

/// A text; `Anchor` is "start", "middle" or "end" of it.
type Text = {
    X: float
    Y: float
    Size: float
    Anchor: string
    Content: string
} with

    /// Left, top, right, bottom; roughly.
    member text.Bounds =
        let width = textWidth text.Size text.Content

        let left =
            match text.Anchor with
            | "start" -> text.X
            | "middle" -> text.X - width / 2.0
            | _ -> text.X - width

        left, text.Y - 0.75 * text.Size, left + width, text.Y + 0.2 * text.Size

/// Space above a box for its label.
let labelHeight (box: Box) = if box.Label = "" then 0.0 else 13.0

let private lineHeight = 12.0

let private heightOf isNested (node: Node) =
    if isNested then
        46.0
    else
        Math.Max(30.0, 112.0 / Math.Pow(float (Array.max node.Shape.Coarser |> max 1), 0.45))

/// "X 1,2" for the answers of nested levels, as Zhou et al. call them.
let private nestedName isNested (levels: int) (piece: Piece) =
    let words = piece.Nodes[0].Stage.Split '/'

    let numberOf word =
        words
        |> Array.tryFind (Parts.isNumbered word)
        |> Option.map (fun step -> int (step.Substring(word.Length + 1)))

    match piece.Place, numberOf "level", numberOf "answer" with
    | _ when not isNested || piece.Kind <> Block -> []
    | Parts.Encode, Some level, _ -> [ $"X {level - 1},0" ]
    | Parts.Decode, Some level, Some answer -> [ $"X {level - 1},{answer}" ]
    | Parts.Bottom, None, _ -> [ $"X {levels},0" ]
    | _ -> []

let private size isNested (item: Item) (lines: string list) =
    let text = lines |> List.map (textWidth 10.0) |> List.fold max 0.0

    let marks = if item.Caption.Marks.IsEmpty then 0.0 else 15.0
    let forText = float lines.Length * lineHeight + 12.0

    match item.Piece.Kind with
    | Map
    | Joined
    | Image when item.Times = 1 ->
        Math.Clamp(5.0 + 1.15 * sqrt (float item.Last.Shape.Channels), 8.0, 48.0), heightOf isNested item.Last
    | Operator
    | Gate -> 18.0, 18.0
    | Given
    | Vector
    | Head -> text + 14.0, forText
    | _ when item.Piece.Stack <> "" -> text + marks + 16.0, forText
    | _ -> Math.Max(44.0, text + marks + 18.0), Math.Max(forText, heightOf isNested item.Last)

let box isNested levels (item: Item) =
    let name = nestedName isNested levels item.Piece

    let channels = string item.Last.Shape.Channels

    let lines =
        match item.Piece.Kind with
        | Map
        | Joined
        | Image when item.Times = 1 -> []
        | Operator
        | Gate -> []
        | Given -> [ item.Last.Stage ]
        | _ -> [
            yield! name
            if item.Times > 1 then
                $"×{item.Times}"
            yield! item.Caption.Lines
            if isNested && item.Piece.Kind = Block then
                channels
          ]

    let width, height = size isNested item lines

    {
        Item = item
        Lines = lines
        Label =
            match item.Piece.Kind with
            | Operator
            | Gate
            | Vector -> ""
            | Block when isNested -> ""
            | _ -> channels
        Row = 0
        X = 0.0
        Below = 0.0
        Width = width
        Height = height
    }
