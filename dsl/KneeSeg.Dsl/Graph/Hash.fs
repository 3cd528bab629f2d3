/// Names a network by what it computes. Equal networks have equal hashes however their specs are written, stored or named.
module internal KneeSeg.Dsl.Hash

open System
open System.Security.Cryptography
open System.Text

/// 16 hexadecimal digits for a graph's operations, with what they are applied to and whose weights they use.
let ofGraph (axes: int) (nodes: Node seq) (output: int) (named: NamedOutput seq) =
    let ids = nodes |> Seq.map (fun node -> node.Stage, node.Id) |> dict

    let line (node: Node) =
        let name, numbers = Ops.describe node.Op

        let weights =
            if node.Weights = "" then
                "none"
            else
                string ids[node.Weights]

        String.Join(' ', [ name; yield! numbers; String.Join(',', node.Args); weights ])

    // Names do not count, as everywhere here.
    let trained (output: NamedOutput) =
        match output.Target with
        | Labels -> string output.Node
        | SignedDistance -> $"{output.Node} signed distance"
        | Presence -> $"{output.Node} presence"

    let lines = [
        $"{axes}D"
        yield! Seq.map line nodes
        String.Join(',', [ string output; yield! Seq.map trained named ])
    ]

    let digest = SHA256.HashData(Encoding.UTF8.GetBytes(String.Join('\n', lines)))
    Convert.ToHexStringLower(digest).Substring(0, 16)
