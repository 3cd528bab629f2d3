/// Durations as people type them: 2h, 30m, 1h30m.
module KneeSeg.Cli.Duration

open System
open KneeSeg

/// Reads a duration.
let parse (flag: string) (text: string) : TimeSpan =
    match DurationText.Parse text |> Option.ofNullable with
    | Some duration -> duration
    | None -> Fail.usage $"{flag} {text}" "not a duration" "Write it as 2h, 30m or 1h30m"
