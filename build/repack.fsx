// Makes NuGet packages reproducible: `dotnet pack` gives their entries the time of the build, and one of them a random name.
//   dotnet fsi build/repack.fsx FOLDER SECONDS
open System
open System.IO
open System.IO.Compression
open System.Text
open System.Text.RegularExpressions

let [| folder; seconds |] = fsi.CommandLineArgs[1..]
let time = DateTimeOffset.FromUnixTimeSeconds(int64 seconds)

/// The name of a package's properties, which its relations repeat.
let named (text: string) =
    Regex.Replace(text, @"[0-9a-f]{32}(?=\.psmdcp)", "kneeseg")

/// Relations are numbered by what they name.
let numbered (text: string) =
    let ids = Regex.Matches(text, " Id=\"(R[0-9A-F]+)\"") |> Seq.map _.Groups[1].Value

    (named text, Seq.indexed ids)
    ||> Seq.fold (fun text (index, id) -> text.Replace(id, $"R{index + 1}"))

for path in Directory.GetFiles(folder, "*.nupkg") do
    let entries =
        use package = ZipFile.OpenRead path

        [
            for entry in package.Entries do
                use content = entry.Open()
                use bytes = new MemoryStream()
                content.CopyTo bytes

                named entry.FullName,
                if entry.FullName = "_rels/.rels" then
                    bytes.ToArray() |> Encoding.UTF8.GetString |> numbered |> Encoding.UTF8.GetBytes
                else
                    bytes.ToArray()
        ]

    use package = new ZipArchive(File.Create path, ZipArchiveMode.Create)

    for name, bytes in List.sortBy fst entries do
        let entry = package.CreateEntry name
        entry.LastWriteTime <- time
        use content = entry.Open()
        content.Write(bytes, 0, bytes.Length)
