/// Amounts of memory as people type them: 2G, 1.5GB, 800M.
module KneeSeg.Cli.MemorySize

open System
open System.Globalization

/// Reads an amount; G and M are 10^9 and 10^6 bytes.
let parse (flag: string) (text: string) : int64 =
    let upper = text.Trim().ToUpperInvariant()

    let number =
        if upper.EndsWith 'B' then
            upper[.. upper.Length - 2]
        else
            upper

    let scale =
        match Seq.tryLast number with
        | Some 'G' -> 1e9
        | Some 'M' -> 1e6
        | _ -> 0.0

    match Double.TryParse(number.TrimEnd('G', 'M'), NumberStyles.Float, CultureInfo.InvariantCulture) with
    | true, number when number > 0.0 && scale > 0.0 -> int64 (number * scale)
    | _ -> Fail.usage $"{flag} {text}" "not an amount of memory" "Write it as 2G or 800M"
