/// What a signal does to a command that has nothing to save: it ends it, as the shell expects, and its temporary files go.
module KneeSeg.Cli.Signals

open System
open System.Runtime.InteropServices
open KneeSeg

[<DllImport("libc")>]
extern nativeint private signal(int number, nativeint action)

let private terminate, byDefault = 15, 0n

/// From now on a signal that ends the program has its temporary files deleted first. One that the parent ignores, as
/// nohup does, is ignored here too, but for SIGTERM: that is how job runners end a job.
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
