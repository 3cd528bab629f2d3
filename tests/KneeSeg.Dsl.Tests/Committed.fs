/// Texts that people read, against committed ones. After a change that is meant, look at the new text, then commit it.
module KneeSeg.Dsl.Tests.Committed

open System
open System.IO
open Expecto

/// Compares with the file of this name in `Expected`, and leaves what was found beside the test program.
let same name (found: string) =
    let path = Path.Combine(AppContext.BaseDirectory, "found-" + name)
    File.WriteAllText(path, found)

    let committed =
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Expected", name))

    Expect.equal found committed $"{path} differs from the committed {name}"
