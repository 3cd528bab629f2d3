/// JSON values with their paths, and how each plain kind is read. Reading continues after an error, so that all are reported
/// at once.
module internal KneeSeg.Dsl.JsonValues

open System
open System.Text.Json

/// Errors after which reading ends.
let private most = 20

/// Raised when there are so many.
exception Enough

/// A value, its path, and the errors so far. Nothing is reported of an undefined value: it stands for a missing one, which
/// was reported where it is missing.
[<Struct>]
type At = {
    Path: string
    Value: JsonElement
    Errors: ResizeArray<Diagnostic>
}

let private note at path what fix =
    if at.Value.ValueKind <> JsonValueKind.Undefined then
        at.Errors.Add(Diagnostic.at path what fix)

        if at.Errors.Count = most then
            raise Enough

/// Reports an error here, unless there was one already; reading continues with something else instead.
let refuse at what fix instead =
    if not (at.Errors.Exists(fun error -> error.Where = at.Path)) then
        note at at.Path what fix

    instead

/// What a reader finds where a value is missing.
let private missing at = {
    at with
        Value = Unchecked.defaultof<JsonElement>
}

/// Whether it is of this kind of JSON.
let isA kind at = at.Value.ValueKind = kind

/// A text from the file, fit to stand in a sentence.
let private shown (text: string) =
    let line =
        String.map (fun letter -> if Char.IsControl letter then ' ' else letter) text

    if line.Length > 40 then
        line.Substring(0, 40) + "..."
    else
        line

/// Texts may end in the middle of a character (a lone surrogate), and then cannot be had.
let private tryText (read: unit -> string | null) =
    try
        Option.ofObj (read ())
    with :? InvalidOperationException ->
        None

let private nameOf (property: JsonProperty) =
    tryText (fun () -> property.Name) |> Option.defaultValue "?"

/// What to say of a name that is none of those known.
let private unknown kind names name =
    $"no {kind} is called '{shown name}'", (Diagnostic.unknown kind names name).Fix

/// The fields of an object with their names; JSON's own look-up stumbles over broken names.
let private properties at =
    if isA JsonValueKind.Object at then
        [
            for property in at.Value.EnumerateObject() -> nameOf property, property.Value
        ]
    else
        []

/// The fields of an object, by name; no others may stand there, and none twice.
let fields kind names at =
    let found = properties at
    let strangers = found |> List.map fst |> List.distinct |> List.except names

    if not (isA JsonValueKind.Object at) then
        refuse at $"not a {kind}" """Write { ... } here""" ()

    for name in strangers do
        unknown $"field of a {kind}" names name ||> note at $"{at.Path}.{shown name}"

    for name, times in List.countBy fst found do
        if times > 1 && List.contains name names then
            note at $"{at.Path}.{name}" $"stands {times} times in one {kind}" "Leave one of them"

    fun (name: string) ->
        match List.tryFind (fun (other, _) -> other = name) found with
        | Some(_, value) -> {
            at with
                Path = $"{at.Path}.{name}"
                Value = value
          }
        | None ->
            // What is no object lacks no field, and a stranger may be the missing one, misspelt.
            if isA JsonValueKind.Object at && strangers.IsEmpty then
                note at at.Path $"a {kind} without '{name}'" $"Add \"{name}\""

            missing at

/// A whole number.
let number at =
    match at.Value.ValueKind, lazy at.Value.TryGetInt32(), lazy at.Value.TryGetDouble() with
    | JsonValueKind.Number, Lazy(true, n), _ -> n
    | JsonValueKind.Number, _, Lazy(true, x) when abs x > float Int32.MaxValue && Double.IsInteger x ->
        refuse at "too large a number" $"Write a whole number up to {Int32.MaxValue}" 1
    | _ -> refuse at "not a whole number" "Write a whole number here" 1

/// A number.
let real at =
    match at.Value.ValueKind, lazy at.Value.TryGetDouble() with
    | JsonValueKind.Number, Lazy(true, x) when Double.IsFinite x -> x
    | JsonValueKind.Number, _ -> refuse at "too large a number" "Write a smaller one" 0.0
    | _ -> refuse at "not a number" "Write a number here" 0.0

/// True or false.
let truth at =
    match at.Value.ValueKind with
    | JsonValueKind.True -> true
    | JsonValueKind.False -> false
    | _ -> refuse at "neither true nor false" "Write true or false here" false

/// A text.
let text at =
    match at.Value.ValueKind, lazy tryText at.Value.GetString with
    | JsonValueKind.String, Lazy(Some text) -> text
    | JsonValueKind.String, _ ->
        refuse at "a text with half a character" "Write both halves, as \\ud83d\\ude00" ""
    | _ -> refuse at "not a text" "Write a text in quotes here" ""

/// A list.
let list read at =
    if isA JsonValueKind.Array at then
        at.Value.EnumerateArray()
        |> Seq.mapi (fun i value ->
            read {
                at with
                    Path = $"{at.Path}[{i}]"
                    Value = value
            })
        |> List.ofSeq
    else
        refuse at "not a list" "Write [ ... ] here" []

/// What stands there, or nothing where it is null.
let optional read at =
    if isA JsonValueKind.Null at then None else Some(read at)

/// A choice without data, by its name.
let choice kind (table: ('T * string) list) at =
    let name = text at

    match table |> List.tryFind (fun (_, other) -> other = name) with
    | Some(case, _) -> case
    | None ->
        let what, fix = unknown kind (List.map snd table) name
        refuse at what fix (fst table.Head)

/// The name and content of an object with one field.
let only kind names at =
    let otherwise = List.head names, missing at

    match properties at with
    | [ name, value ] when List.contains name names ->
        name,
        {
            at with
                Path = $"{at.Path}.{name}"
                Value = value
        }
    | [ name, _ ] ->
        let what, fix = unknown kind names name
        refuse at what fix otherwise
    | _ :: _ as several ->
        refuse at $"{several.Length} fields in one {kind}" "Give each a { } of its own" otherwise
    | [] ->
        refuse
            at
            $"not a {kind}"
            $"""Write one of {String.concat ", " names}, as {{ "name": ... }}"""
            otherwise
