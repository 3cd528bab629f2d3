/// Pictures against committed ones. After a change that is meant, look at the new picture, then commit it.
module KneeSeg.Dsl.Tests.PictureTests

open System
open System.IO
open Expecto
open KneeSeg.Diagrams
open KneeSeg.Dsl
open KneeSeg.Dsl.Tests.Gallery

let private same name (drawn: string) =
    let found = Path.Combine(AppContext.BaseDirectory, "drawn-" + name)
    File.WriteAllText(found, drawn)

    let committed =
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Expected", name))

    Expect.equal drawn committed $"{found} differs from the committed {name}"

[<Tests>]
let tests =
    testList "pictures" [
        for spec in
            [
                "unet"
                "attention-unet"
                "unet-plus-plus+deep-supervision"
                "deeplab-v3-plus-r50"
                "segnet"
                "vnet+relative"
                "tiramisu"
                "unet3d+slice"
            ] do
            test $"the picture of {spec} is the committed one" {
                let graph = Networks.Load(spec, 1, 7)
                same $"{spec}.svg" (Diagram.Svg(graph, Networks.DefaultSize graph))
            }

        test "the flowchart of unet3d is the committed one" {
            let graph = Networks.Load("unet3d", 1, 7)
            same "unet3d.mmd" (Diagram.Mermaid(graph, Networks.DefaultSize graph))
        }

        test "names in pictures cannot break them" {
            let network = { Zoo.UNet.unet with Name = "<b>&\"" }

            match elaborated network with
            | Ok graph -> Expect.stringContains (Svg.draw graph [| 64; 64 |]) "&lt;b&gt;&amp;&quot;" "escaped"
            | Error errors -> failtest (string errors.Head)
        }
    ]
