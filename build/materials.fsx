// Writes what a download is made of: a bill of materials (CycloneDX 1.5) beside the program, and the licenses of its packages.
//   dotnet fsi build/materials.fsx FOLDER VERSION COMMIT SECONDS RUNTIME SDK
open System
open System.IO
open System.Text.Json
open System.Text.Json.Nodes
open System.Text.RegularExpressions
open System.Xml.Linq

let [| folder; version; commit; seconds; runtime; sdk |] = fsi.CommandLineArgs[1..]

let cache =
    match Environment.GetEnvironmentVariable "NUGET_PACKAGES" with
    | null
    | "" ->
        Path.Combine(Environment.GetFolderPath Environment.SpecialFolder.UserProfile, ".nuget", "packages")
    | cache -> cache

let text (value: string) = JsonValue.Create value :> JsonNode

let record (fields: (string * JsonNode) list) =
    let record = JsonObject()

    for name, value in fields do
        record[name] <- value

    record :> JsonNode

let array (items: JsonNode seq) =
    JsonArray(Array.ofSeq items) :> JsonNode

/// "MIT" as a license that SPDX lists, "MIT OR Apache-2.0" as an expression.
let licensed (license: string) =
    if license.Contains ' ' then
        record [ "expression", text license ]
    else
        record [ "license", record [ "id", text license ] ]

let part (kind: string) (name: string) (version: string) (fields: (string * JsonNode) list) =
    record [ "type", text kind; "name", text name; "version", text version; yield! fields ]

/// A package: where it comes from, its hash and its license, which is copied into the folder of licenses.
let package (name: string) (version: string) (hash: string) =
    let source =
        Path.Combine(cache, name.ToLowerInvariant(), version.ToLowerInvariant())

    let license =
        Directory.EnumerateFiles(source, "*.nuspec")
        |> Seq.collect (fun file -> XDocument.Load(file).Descendants())
        |> Seq.tryFind (fun element ->
            element.Name.LocalName = "license"
            && string (element.Attribute "type") = "type=\"expression\"")
        |> Option.map _.Value

    for file in Directory.EnumerateFiles source do
        if Regex.IsMatch(Path.GetFileName file, "^(licen[sc]e|notice|third)", RegexOptions.IgnoreCase) then
            let place = Path.Combine(folder, "licenses", name)
            Directory.CreateDirectory place |> ignore
            File.Copy(file, Path.Combine(place, Path.GetFileName file), overwrite = true)

    part "library" name version [
        "purl", text $"pkg:nuget/{name}@{version}"
        if hash.StartsWith "sha512-" then
            let bytes = Convert.FromBase64String(hash.Substring 7)

            "hashes",
            array [
                record [ "alg", text "SHA-512"; "content", text (Convert.ToHexStringLower bytes) ]
            ]
        match license with
        | Some license -> "licenses", array [ licensed license ]
        | None -> ()
    ]

let packages =
    let dependencies =
        JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "kneeseg.deps.json")))

    [
        for KeyValue(key, library) in dependencies["libraries"].AsObject() do
            if string library["type"] = "package" then
                let [| name; version |] = key.Split '/'
                package name version (string library["sha512"])
    ]

let viewer =
    let file = Path.Combine(folder, "viewer", "niivue.umd.js")

    [
        if File.Exists file then
            use script = File.OpenRead file
            let hash = Security.Cryptography.SHA256.HashData script

            part "library" "@niivue/niivue" "0.69.0" [
                "purl", text "pkg:npm/%40niivue/niivue@0.69.0"
                "hashes",
                array [
                    record [ "alg", text "SHA-256"; "content", text (Convert.ToHexStringLower hash) ]
                ]
                "licenses", array [ licensed "BSD-2-Clause" ]
            ]
    ]

let bill =
    record [
        "bomFormat", text "CycloneDX"
        "specVersion", text "1.5"
        "version", JsonValue.Create 1
        "metadata",
        record [
            "timestamp",
            text (
                DateTimeOffset.FromUnixTimeSeconds(int64 seconds).UtcDateTime.ToString "yyyy-MM-ddTHH:mm:ssZ"
            )
            "component",
            part "application" "kneeseg" version [
                "licenses", array [ licensed "MIT" ]
                "properties", array [ record [ "name", text "commit"; "value", text commit ] ]
            ]
        ]
        "components",
        array [
            part "framework" "Microsoft.NETCore.App" runtime [ "licenses", array [ licensed "MIT" ] ]
            part "application" "F# Interactive of the .NET SDK" sdk [ "licenses", array [ licensed "MIT" ] ]
            yield! packages
            yield! viewer
        ]
    ]

File.WriteAllText(
    Path.Combine(folder, "materials.cdx.json"),
    bill.ToJsonString(JsonSerializerOptions(WriteIndented = true)) + "\n"
)
