using KneeSeg.Dsl;
using KneeSeg.Specs;

namespace KneeSeg.Bench;

/// <summary>Making and elaborating every member of the zoo's family, against the second that it may take.</summary>
internal static class FamilyBench
{
    public static Ratio Run() =>
        Ratio.Within(
            "family",
            seconds: 1,
            () =>
            {
                foreach (var network in Family.everything())
                    if (Elaborate.elaborate(1, 7, network).IsError)
                        throw new InvalidOperationException($"{network.FullName} has mistakes");
            }
        );
}
