// Declares a network in C#, with the words of the language, and looks at it.
//   dotnet run --project samples/csharp-network
using KneeSeg.Dsl;
using static KneeSeg.Dsl.Spec;
using static KneeSeg.Dsl.Variants;
using static KneeSeg.Dsl.Words;

static Block Twice(int width) => repeat(2, chain([conv(3, width), batchNorm, relu]));

static Level AtWidth(int width) =>
    new(
        encode: Twice(width),
        down: maxPool(2),
        skip: concat,
        up: deconv(2, width),
        decode: Twice(width)
    );

var network = network3d(
    "mine",
    [encoderDecoder([AtWidth(12), AtWidth(24), AtWidth(48)], Twice(96)), classify]
);

try
{
    foreach (var variant in new[] { network, gated.Invoke(network) })
    {
        // From here on the network is a NetworkSpec, which training takes too.
        var graph = Networks.Elaborate(new NetworkSpec(variant), channels: 1, classes: 7);
        var cost = Networks.Cost(graph, [32, 64, 64]);
        Console.WriteLine($"{graph.Name}: {cost.Parameters} parameters");
    }
    return 0;
}
catch (SpecException e)
{
    foreach (var diagnostic in e.Diagnostics)
        Console.Error.WriteLine(diagnostic);
    return 1;
}
