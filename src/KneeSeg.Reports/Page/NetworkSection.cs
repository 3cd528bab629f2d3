using System.Text;
using KneeSeg.Reports.Content;
using KneeSeg.Reports.Html;

namespace KneeSeg.Reports.Page;

/// <summary>The network: its cost and its diagram.</summary>
internal static class NetworkSection
{
    public static Markup Draw(NetworkFacts network)
    {
        var size = string.Join("×", network.Size);
        return Markup.Of(
            $"""
            <section id="network">
            <h2>Network</h2>
            <dl class="facts">
            <dt>Name</dt><dd>{network.Name}</dd>
            <dt>Architecture</dt><dd><code>{network.Hash}</code></dd>
            <dt>Parameters</dt><dd>{NumberText.Count(network.Parameters)}</dd>
            <dt>Multiply-accumulates</dt><dd>{NumberText.Large(
                network.Macs
            )} for a patch of {size} voxels</dd>
            <dt>Receptive field</dt><dd>{string.Join("×", network.ReceptiveField)} voxels</dd>
            </dl>
            {Diagram(network)}
            </section>
            """
        );
    }

    // An image keeps its styles and ids apart from the page's.
    private static Markup Diagram(NetworkFacts network) =>
        network.Diagram.Length == 0
            ? Markup.None
            : Markup.Of(
                $"""<div class="diagram"><img alt="Diagram of {network.Name}" src="data:image/svg+xml;base64,{Convert.ToBase64String(Encoding.UTF8.GetBytes(network.Diagram))}" /></div>"""
            );
}
