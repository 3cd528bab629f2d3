/// How values are written as JSON and read back, each type described once for both. Reading continues after an error, so
/// that all are reported at once: where each is, what is there and what may be.
module internal KneeSeg.Dsl.Codec

open System
open System.Text.Json

/// Errors after which reading ends.
let private most = 20

/// Raised when there are so many.
exception Enough

/// A value, its path, and the errors so far.
type At = {
    Path: string
    Value: JsonElement
    Errors: ResizeArray<Diagnostic>
} with

    member at.Is kind = at.Value.ValueKind = kind

    member at.Inside(step, value) = { at with Path = at.Path + step; Value = value }

type Codec<'T> = {
    /// Whether it is for this value: some are for a few cases of a union.
    Has: 'T -> bool
    Write: Utf8JsonWriter -> 'T -> unit
    Read: At -> 'T
}

/// A codec for every value of a type.
let codec write read = {
    Has = fun _ -> true
    Write = write
    Read = read
}

let private note at path what fix =
    at.Errors.Add(Diagnostic.at path what fix)

    if at.Errors.Count = most then
        raise Enough

/// Reports an error here, unless there was one already. What it returns only goes into a spec that nobody gets.
let refuse at what fix =
    if not (at.Errors.Exists(fun error -> error.Where = at.Path)) then
        note at at.Path what fix

    Unchecked.defaultof<'T>

/// A text from the file, fit to stand in a sentence.
let private shown (text: string) =
    let line =
        String.map (fun letter -> if Char.IsControl letter then ' ' else letter) text

    if line.Length > 40 then
        line.Substring(0, 40) + "..."
    else
        line

/// What to say of a name that is none of those known.
let private unknown kind names name =
    $"no {kind} is called '{shown name}'", (Diagnostic.unknown kind names name).Fix

/// Texts may end in the middle of a character (a lone surrogate), and then cannot be had.
let private tryText (read: unit -> string | null) =
    try
        Option.ofObj (read ())
    with :? InvalidOperationException ->
        None

/// "a level", "an encoder-decoder".
let private one (kind: string) =
    if "aeiou".Contains kind[0] then
        $"an {kind}"
    else
        $"a {kind}"

/// The fields of an object with their names; JSON's own look-up stumbles over broken names.
let private fields (at: At) =
    if at.Is JsonValueKind.Object then
        [
            for field in at.Value.EnumerateObject() ->
                tryText (fun () -> field.Name) |> Option.defaultValue "?", field.Value
        ]
    else
        []

let private tryNamed name table =
    table |> List.tryFind (fun (other, _) -> other = name) |> Option.map snd

// Plain values

let number =
    codec (fun w (value: int) -> w.WriteNumberValue value) (fun at ->
        match at.Is JsonValueKind.Number, lazy at.Value.TryGetInt32(), lazy at.Value.TryGetDouble() with
        | true, Lazy(true, n), _ -> n
        | true, _, Lazy(true, x) when abs x > float Int32.MaxValue && Double.IsInteger x ->
            refuse at "too large a number" $"Write a whole number up to {Int32.MaxValue}"
        | _ -> refuse at "not a whole number" "Write a whole number here")

let real =
    let write (w: Utf8JsonWriter) value =
        if Double.IsFinite value then
            w.WriteNumberValue value
        // JSON has no such numbers; reading refuses the text, where it stands.
        else
            w.WriteStringValue(string value)

    codec write (fun at ->
        match at.Is JsonValueKind.Number, lazy at.Value.TryGetDouble() with
        | true, Lazy(true, x) when Double.IsFinite x -> x
        | true, _ -> refuse at "too large a number" "Write a smaller one"
        | _ -> refuse at "not a number" "Write a number here")

let truth =
    codec (fun w (value: bool) -> w.WriteBooleanValue value) (fun at ->
        match at.Value.ValueKind with
        | JsonValueKind.True -> true
        | JsonValueKind.False -> false
        | _ -> refuse at "neither true nor false" "Write true or false here")

let text =
    codec (fun w (value: string) -> w.WriteStringValue value) (fun at ->
        match at.Is JsonValueKind.String, lazy tryText at.Value.GetString with
        | true, Lazy(Some text) -> text
        | isText, _ ->
            if isText then
                refuse at "a text with half a character" "Write both halves, as \\ud83d\\ude00"
            else
                refuse at "not a text" "Write a text in quotes here"

            "")

let list item =
    let write (w: Utf8JsonWriter) items =
        w.WriteStartArray()
        List.iter (item.Write w) items
        w.WriteEndArray()

    codec write (fun at ->
        if at.Is JsonValueKind.Array then
            at.Value.EnumerateArray()
            |> Seq.mapi (fun i value -> item.Read(at.Inside("[" + string i + "]", value)))
            |> List.ofSeq
        else
            refuse at "not a list" "Write [ ... ] here")

/// Null where there is none.
let optional item =
    let write (w: Utf8JsonWriter) value =
        match value with
        | Some value -> item.Write w value
        | None -> w.WriteNullValue()

    codec write (fun at ->
        if at.Is JsonValueKind.Null then
            None
        else
            Some(item.Read at))

// Records

/// What a record's description takes each field from: its name, its codec, and where it is in the record.
[<AbstractClass>]
type Fields<'Record>() =
    abstract Field: string -> Codec<'Field> -> ('Record -> 'Field) -> 'Field

    /// A field that is left out where it has this value.
    abstract FieldUnless<'Field when 'Field: equality> :
        'Field -> string -> Codec<'Field> -> ('Record -> 'Field) -> 'Field

/// An object with the fields that a description takes; no others may stand there, and none twice.
let record kind (describe: Fields<'Record> -> 'Record) =
    let names =
        let names = ResizeArray()

        {
            new Fields<'Record>() with
                member _.Field name _ _ =
                    names.Add name
                    Unchecked.defaultof<_>

                member fields.FieldUnless _ name codec field = fields.Field name codec field
        }
        |> describe
        |> ignore

        List.ofSeq names

    let write (w: Utf8JsonWriter) value =
        w.WriteStartObject()

        {
            new Fields<'Record>() with
                member _.Field name codec field =
                    w.WritePropertyName name
                    codec.Write w (field value)
                    field value

                member fields.FieldUnless usual name codec field =
                    if field value = usual then
                        usual
                    else
                        fields.Field name codec field
        }
        |> describe
        |> ignore

        w.WriteEndObject()

    codec write (fun at ->
        let found = fields at
        let strangers = found |> List.map fst |> List.distinct |> List.except names

        if not (at.Is JsonValueKind.Object) then
            refuse at $"not {one kind}" """Write { ... } here"""

        for name in strangers do
            unknown $"field of {one kind}" names name ||> note at $"{at.Path}.{shown name}"

        for name, times in List.countBy fst found do
            if times > 1 && List.contains name names then
                note at $"{at.Path}.{name}" $"stands {times} times in one {kind}" "Leave one of them"

        describe
            {
                new Fields<'Record>() with
                    member _.Field name codec _ =
                        match tryNamed name found with
                        | Some value -> codec.Read(at.Inside("." + name, value))
                        | None ->
                            // What is no object lacks no field, and a stranger may be the missing one, misspelt.
                            if at.Is JsonValueKind.Object && strangers.IsEmpty then
                                note at at.Path $"{one kind} without '{name}'" $"Add \"{name}\""

                            Unchecked.defaultof<_>

                    member fields.FieldUnless usual name codec field =
                        if (tryNamed name found).IsSome then
                            fields.Field name codec field
                        else
                            usual
            })

// Unions

/// A case as its content alone.
let bare (inner: Codec<'Content>) (make: 'Content -> 'T) is (content: 'T -> 'Content) = {
    Has = is
    Write = fun w value -> inner.Write w (content value)
    Read = inner.Read >> make
}

/// A case with a name for its content.
let case (name: string) inner make is content = name, bare inner make is content

/// Cases with content, as objects of one field.
let cases kind (table: (string * Codec<'T>) list) =
    let names = List.map fst table

    let write (w: Utf8JsonWriter) value =
        let name, case = table |> List.find (fun (_, case) -> case.Has value)
        w.WriteStartObject()
        w.WritePropertyName name
        case.Write w value
        w.WriteEndObject()

    codec write (fun at ->
        match fields at with
        | [ name, value ] ->
            match tryNamed name table with
            | Some case -> case.Read(at.Inside("." + name, value))
            | None -> unknown kind names name ||> refuse at
        | [] ->
            refuse at $"not {one kind}" $"""Write one of {String.concat ", " names}, as {{ "name": ... }}"""
        | several -> refuse at $"{several.Length} fields in one {kind}" "Give each a { } of its own")

/// Cases without content, as their names.
let choice kind (table: (string * 'T) list) = {
    Has = fun value -> List.exists (snd >> (=) value) table
    Write = fun w value -> w.WriteStringValue(table |> List.find (snd >> (=) value) |> fst)
    Read =
        fun at ->
            let name = text.Read at

            match tryNamed name table with
            | Some case -> case
            | None -> unknown kind (List.map fst table) name ||> refuse at
}

/// Cases by the kind of JSON that they are; all others are in the last codec.
let byKind (table: (JsonValueKind * Codec<'T>) list) others =
    let write w value =
        let codec =
            table
            |> List.map snd
            |> List.tryFind (fun cases -> cases.Has value)
            |> Option.defaultValue others

        codec.Write w value

    codec write (fun at -> (tryNamed at.Value.ValueKind table |> Option.defaultValue others).Read at)

/// A type that contains itself.
let recursive (describe: Codec<'T> -> Codec<'T>) =
    let self = ref Unchecked.defaultof<Codec<'T>>
    self.Value <- describe (codec (fun w value -> self.Value.Write w value) (fun at -> self.Value.Read at))
    self.Value
