/// JSON values with the path to them, and how each plain kind is read or refused.
module internal KneeSeg.Dsl.JsonValues

open System.Text.Json

exception Unread of Problem

/// A value, and the path to it.
[<Struct>]
type At = { Path: string; Value: JsonElement }

/// Refuses what stands there.
let refuse at what fix =
    raise (Unread(Problem.at at.Path what fix))

/// Whether it is of this kind of JSON.
let isA kind at = at.Value.ValueKind = kind

/// Refuses a name that is none of those known.
let unknown kind names (path: string) (name: string) =
    let problem = Problem.unknown kind names name

    raise (
        Unread {
            problem with
                Where = path
                What = $"no {kind} is called '{name}'"
                IsUnknownName = false
        }
    )

/// The fields of an object, by name; no others may stand there.
let fields kind names at =
    if not (isA JsonValueKind.Object at) then
        refuse at $"not a {kind}" """Write { ... } here"""

    for property in at.Value.EnumerateObject() do
        if not (List.contains property.Name names) then
            unknown $"field of a {kind}" names $"{at.Path}.{property.Name}" property.Name

    fun (name: string) ->
        match at.Value.TryGetProperty name with
        | true, value -> {
            Path = $"{at.Path}.{name}"
            Value = value
          }
        | _ -> refuse at $"a {kind} without '{name}'" $"Add \"{name}\""

/// A whole number.
let number at =
    match at.Value.ValueKind, lazy at.Value.TryGetInt32() with
    | JsonValueKind.Number, Lazy(true, n) -> n
    | _ -> refuse at "not a whole number" "Write a whole number here"

/// A number.
let real at =
    match at.Value.ValueKind, lazy at.Value.TryGetDouble() with
    | JsonValueKind.Number, Lazy(true, x) -> x
    | _ -> refuse at "not a number" "Write a number here"

/// True or false.
let truth at =
    match at.Value.ValueKind with
    | JsonValueKind.True -> true
    | JsonValueKind.False -> false
    | _ -> refuse at "neither true nor false" "Write true or false here"

/// A text.
let text at =
    match at.Value.ValueKind, lazy at.Value.GetString() with
    | JsonValueKind.String, Lazy(NonNull text) -> text
    | _ -> refuse at "not a text" "Write a text in quotes here"

/// A list.
let list read at =
    if not (isA JsonValueKind.Array at) then
        refuse at "not a list" "Write [ ... ] here"

    at.Value.EnumerateArray()
    |> Seq.mapi (fun i value ->
        read {
            Path = $"{at.Path}[{i}]"
            Value = value
        })
    |> List.ofSeq

/// What stands there, or nothing where it is null.
let optional read at =
    if isA JsonValueKind.Null at then None else Some(read at)

/// A choice without data, by its name.
let choice kind (table: ('T * string) list) at =
    let name = text at

    match table |> List.tryFind (fun (_, other) -> other = name) with
    | Some(case, _) -> case
    | None -> unknown kind (List.map snd table) at.Path name

/// The name and content of an object with one field.
let only kind names at =
    match at.Value.ValueKind, lazy List.ofSeq (at.Value.EnumerateObject()) with
    | JsonValueKind.Object, Lazy [ property ] ->
        if not (List.contains property.Name names) then
            unknown kind names at.Path property.Name

        property.Name,
        {
            Path = $"{at.Path}.{property.Name}"
            Value = property.Value
        }
    | _ -> refuse at $"not a {kind}" $"""Write one of {String.concat ", " names}, as {{ "name": ... }}"""
