/// How large the boxes of a picture are, and what stands in and above them.
module internal KneeSeg.Diagrams.Boxes

open System
open KneeSeg.Dsl
open KneeSeg.Diagrams.Outline

/// Space between boxes, wide enough for a short text on an arrow.
let gap = 30.0

/// Roughly how wide a text is in Helvetica and its like.
let textWidth (size: float) (text: string) =
    let share letter =
        match letter with
        | narrow when "ijltfr., |()·-:".Contains(narrow: char) -> 0.31
        | wide when "mwMW".Contains(wide: char) -> 0.85
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

type Box = {
    Item: Item
    /// What a nested level's output is called, in the first line.
    Name: string option
    /// What stands inside, line by line.
    Lines: string list
    /// What stands above.
    Label: string
    Row: int
    X: float
    /// How far its middle is below the row's.
    Below: float
    /// Of the box without its label, once rows have their heights.
    Top: float
    Width: float
    Height: float
} with

    member box.Right = box.X + box.Width
    member box.Middle = box.X + box.Width / 2.0
    member box.Bottom = box.Top + box.Height
    member box.Center = box.Top + box.Height / 2.0

    /// Whether it is one feature map, drawn as a bar.
    member box.IsBar =
        (box.Item.Kind = Map || box.Item.Kind = Joined || box.Item.Kind = Image)
        && box.Item.Times = 1

/// Space above a box for its label.
let labelHeight (box: Box) = if box.Label = "" then 0.0 else 13.0

let private heightOf isNested (node: Node) =
    if isNested then
        46.0
    else
        Math.Max(30.0, 112.0 / Math.Pow(float (Array.max node.Shape.Stride |> max 1), 0.45))

/// "X 1,2" for the outputs of nested levels, as Zhou et al. call them.
let private nestedName levels (item: Item) =
    match List.rev item.Part with
    | _ when item.Kind <> Block -> None
    | Step.Encode :: Step.Level n :: _ -> Some $"X {n - 1},0"
    | Step.Decode :: Step.Answer k :: Step.Level n :: _ -> Some $"X {n - 1},{k}"
    | Step.Bottleneck :: _ -> Some $"X {levels},0"
    | _ -> None

let private sized isNested box =
    let item = box.Item
    let text = box.Lines |> List.map (textWidth 10.0) |> List.fold max 0.0
    let marks = if item.Caption.Marks.IsEmpty then 0.0 else 15.0
    let forText = float box.Lines.Length * 12.0 + 12.0

    let width, height =
        match item.Kind with
        | _ when box.IsBar ->
            Math.Clamp(5.0 + 1.15 * sqrt (float item.Last.Shape.Channels), 8.0, 48.0),
            heightOf isNested item.Last
        | Operator
        | Gate -> 18.0, 18.0
        | Given
        | Vector
        | Head -> text + 14.0, forText
        | _ when not item.Stack.IsEmpty -> text + marks + 16.0, forText
        | _ -> Math.Max(44.0, text + marks + 18.0), Math.Max(forText, heightOf isNested item.Last)

    { box with Width = width; Height = height }

/// A box of its size; `levels` is how many a nested encoder-decoder has.
let box isNested levels (item: Item) =
    let channels = string item.Last.Shape.Channels

    let box = {
        Item = item
        Name = if isNested then nestedName levels item else None
        Lines = []
        Label =
            match item.Kind with
            | Operator
            | Gate
            | Vector -> ""
            | Block when isNested -> ""
            | _ -> channels
        Row = 0
        X = 0.0
        Below = 0.0
        Top = 0.0
        Width = 0.0
        Height = 0.0
    }

    let lines =
        match item.Kind with
        | Operator
        | Gate -> []
        | _ when box.IsBar -> []
        | Given -> [ item.Last.Stage ]
        | _ -> [
            yield! Option.toList box.Name
            if item.Times > 1 then
                $"×{item.Times}"
            yield! item.Caption.Lines
            if isNested && item.Kind = Block then
                channels
          ]

    sized isNested { box with Lines = lines }
