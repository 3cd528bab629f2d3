/// The command line: reads arguments, calls a room, turns problems into one block and an exit code.
module KneeSeg.Cli.Program

[<EntryPoint>]
let main _ = 0
