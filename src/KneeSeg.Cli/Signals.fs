/// Signals end a command that has nothing to save, and delete its temporary files.
module KneeSeg.Cli.Signals

open System
open System.Runtime.InteropServices
open KneeSeg

[<DllImport("libc")>]
extern nativeint private signal(int number, nativeint action)

let private terminate, byDefault = 15, 0n

/// From now on a signal that ends the program deletes its temporary files first. Signals that the parent ignores, as
/// under nohup, stay ignored, except SIGTERM: job runners end a job with it.
let tidy () : IDisposable =
    if not (OperatingSystem.IsWindows()) then
        signal (terminate, byDefault) |> ignore

    let delete (context: PosixSignalContext) =
        if not context.Cancel then
            Temporary.DeleteAll()

    let registrations = [
        for one in [ PosixSignal.SIGINT; PosixSignal.SIGTERM; PosixSignal.SIGHUP ] ->
            PosixSignalRegistration.Create(one, delete)
    ]

    {
        new IDisposable with
            member _.Dispose() =
                for one in registrations do
                    one.Dispose()
    }
