/// Amounts of memory as people type them: 2G, 1.5GB, 800M.
module KneeSeg.Cli.Bytes

open System
open System.Globalization

/// Reads an amount; G and M are 10^9 and 10^6 bytes.
let parse (flag: string) (text: string) : int64 =
    let wanted = text.Trim().ToUpperInvariant()

    let wanted =
        if wanted.EndsWith 'B' then
            wanted[.. wanted.Length - 2]
        else
            wanted

    let scale =
        match Seq.tryLast wanted with
        | Some 'G' -> 1e9
        | Some 'M' -> 1e6
        | _ -> 0.0

    match Double.TryParse(wanted.TrimEnd('G', 'M'), NumberStyles.Float, CultureInfo.InvariantCulture) with
    | true, number when number > 0.0 && scale > 0.0 -> int64 (number * scale)
    | _ -> Stop.usage $"{flag} {text}" "is no amount of memory" "Write it as 2G or 800M"
