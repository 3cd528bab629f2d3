/// The page of the whole zoo: its networks, its variants, and the comparison with other implementations.
module KneeSeg.Cli.Commands.ZooTables

open KneeSeg.Cli
open KneeSeg.Cli.Markdown
open KneeSeg.Dsl
open KneeSeg.Dsl.Spec

/// Said on top of every page, where a writer sees it and a reader does not.
let made =
    "<!-- Made by `kneeseg zoo --docs docs`. Change the zoo, not this page. -->"

/// A network's graph for 1 channel and 7 classes, the size it is shown at, and its cost there.
let costs (network: Network) =
    let graph = SpecFile.graph 1 7 network
    let size = Networks.DefaultSize graph
    graph, size, Networks.Cost(graph, size)

let private group (name, entries: Zoo.Entry list) = [
    ""
    $"## {name}"
    ""
    yield!
        table [
            "network", false
            "is", false
            "parameters", true
            "multiply-accumulates", true
            "at", false
        ] [
            for entry in entries ->
                let name = entry.Network.Name
                let _, size, cost = costs entry.Network

                [
                    $"[{name}](zoo/{name}.md)"
                    entry.Summary
                    Output.count cost.Parameters
                    Output.count cost.Macs
                    Output.size size
                ]
        ]
]

/// Every variant: its label, what it does and what it needs.
let variantRows = [
    yield VariantRegistry.anyWidth

    for variant in VariantRegistry.variants do
        yield variant.Label, variant.Summary, variant.Needs
]

let private variants = [
    ""
    "## Variants"
    ""
    "A variant follows a network's name with a `+`, and variants follow one another: `vnet+small+relative`. Each"
    "network's page says which it takes. A network has at most one width. Published networks of the tables are named"
    "`tiny-unet3d` and the like: another network than `unet3d+tiny`."
    ""
    yield!
        table [ "variant", false; "does", false; "needs", false ] [
            for label, summary, needs in variantRows -> [ code $"+{label}"; summary; needs ]
        ]
]

/// The rows of counts that other implementations have, all found equal.
let counts (rows: ReferenceCount seq) =
    ZooReferences.insist (ZooReferences.differingCounts rows)

    table [
        "network", false
        "channels", true
        "classes", true
        "size", false
        "parameters", true
        "multiply-accumulates", true
        "KneeSeg's", false
    ] [
        for row in rows ->
            [
                code row.Spec
                string row.Channels
                string row.Classes
                Output.size row.Size
                Output.count row.Parameters
                Output.count row.Macs
                "equal"
            ]
    ]

/// The outputs of other implementations. Whoever writes the page has checked that KneeSeg's are within tolerance.
let outputs (rows: ReferenceOutput seq) =
    table [
        "network", false
        "classes", true
        "of", false
        "gain", true
        "size", false
        for field in ZooReferences.fields do
            field, true
        "KneeSeg's", false
    ] [
        for row in rows ->
            [
                code row.Spec
                string row.Classes
                (if row.Probabilities then "probabilities" else "logits")
                ZooReferences.number row.Gain
                Output.size (snd (ZooReferences.probed row))
                for number in row.Numbers do
                    ZooReferences.number number
                "within"
            ]
    ]

let private filling = [
    "Any implementation can be filled alike, whatever the order and layout of its weights, and then gives the same"
    "numbers. With `g` for the gain, and indices counted from 0:"
    ""
    yield!
        table [ "of", false; "every element is", false ] [
            [
                "a convolution or dense layer, from channel i to channel o, at a, b, c of the kernel along the axes"
                "g / n · (1 + 0.5 cos(i + 2o) + 0.1 (a − b + 0.5c)), n the input channels times the kernel's voxels"
            ]
            [ "a transposed convolution"; "the same, n the input channels" ]
            [ "a bias of channel o"; "0.01 (o mod 3)" ]
            [
                "a norm, at channel c"
                "gamma 1 + 0.1 sin c, beta 0.05 cos c; running mean 0 and variance 1"
            ]
            [ "a PReLU"; "0.25" ]
            [
                "the image, at channel ch and p, q, r along the axes"
                "sin(0.1p + 0.05q + 0.07r + ch)"
            ]
            [ "the position"; "0.5, 0, −0.5" ]
        ]
    ""
    "Without dropout. Mean, population deviation (std), minimum and maximum are over the whole output; first, mid"
    "and last are channel 0 at its first voxel, at ⌊n/2⌋ of the n along each axis, and at its last."
]

/// The page, as lines.
let page: unit -> string list =
    fun () -> [
        "# The zoo"
        ""
        made
        ""
        "The networks that KneeSeg brings, counted for 1 channel and 7 classes. Each name leads to a page with the"
        "network's picture, paper, table, cost and variants. They are written in the language that"
        "[language.md](language.md) teaches, ten to forty lines each, in `dsl/KneeSeg.Dsl/Zoo`."
        yield! List.collect group Zoo.Entries.groups
        yield! variants
        ""
        "## Counts"
        ""
        "What other implementations count: the authors' own code or code in wide use, or, where there is none, programs"
        "written for it apart from KneeSeg. The command that makes this page stops where one is not equal."
        ""
        yield! counts Networks.ReferenceCounts
        ""
        "## Outputs"
        ""
        "What other implementations output, computed in float64, with weights and input that are fixed formulas."
        "KneeSeg's outputs, in float32, are within 1e-4 of the larger of the value and the deviation: the command that"
        "makes this page runs every network of this table and stops where one is not."
        ""
        yield! outputs Networks.ReferenceOutputs
        ""
        yield! filling
    ]
