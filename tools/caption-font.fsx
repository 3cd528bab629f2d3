// Draws the letters of captions once from a real typeface, so that pictures need neither fonts nor a drawing library:
//   dotnet fsi tools/caption-font.fsx Inter-Medium.otf > src/KneeSeg.Rendering/captions.txt
// A line per letter: the letter, how far it moves the pen, and the coverage of its pixels in rows from 0 to f. The first
// column is one to the left of the pen, and the base line is below row 14 of 18.
#r "nuget: SkiaSharp, 3.119.4"
#r "nuget: SkiaSharp.NativeAssets.Linux.NoDependencies, 3.119.4"

open System
open System.IO
open System.Security.Cryptography
open SkiaSharp

let size, rows, ascent, overhang = 15f, 18, 14, 1
let file = fsi.CommandLineArgs[1]

let font =
    new SKFont(
        SKTypeface.FromFile file,
        size,
        Edging = SKFontEdging.Antialias,
        // Stems stay where they are, heights are rounded to whole pixels: sharp, and still Inter.
        Hinting = SKFontHinting.Slight,
        ForceAutoHinting = true
    )

// ASCII, Latin-1, and the box that stands for every other letter.
let letters =
    [ ' ' .. '~' ]
    @ [ '\u00a0' .. '\u00ac' ]
    @ [ '\u00ae' .. '\u00ff' ]
    @ [ '\u25a1' ]

let natural (letter: char) =
    font.MeasureText(string letter) |> round |> int

// Digits of one width: numbers of an animation stay in place.
let advance (letter: char) =
    if Char.IsAsciiDigit letter then
        natural '0'
    else
        natural letter

let coverage (letter: char) =
    let columns = advance letter + 2 * overhang
    use mask = new SKBitmap(columns, rows, SKColorType.Gray8, SKAlphaType.Opaque)
    use canvas = new SKCanvas(mask)
    use white = new SKPaint(Color = SKColors.White, IsAntialias = true)
    let left = overhang + (advance letter - natural letter) / 2
    canvas.DrawText(string letter, float32 left, float32 ascent, font, white)

    [ for pixel in mask.Bytes -> sprintf "%x" ((int pixel * 15 + 127) / 255) ]
    |> String.concat ""

let hash = File.ReadAllBytes file |> SHA256.HashData |> Convert.ToHexStringLower

printfn
    "%s, SHA-256 %s, at %g px, drawn by tools/caption-font.fsx; Copyright 2020 The Inter Project Authors, SIL Open Font License 1.1 (THIRD-PARTY-NOTICES.md)"
    (Path.GetFileName file)
    hash
    size

for letter in letters do
    printfn "%c %d %s" letter (advance letter) (coverage letter)
