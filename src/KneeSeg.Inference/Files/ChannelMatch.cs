using KneeSeg.Data.Datasets;

namespace KneeSeg.Inference.Files;

/// <summary>Gives a network the channels that it was trained on: by their names, never by luck.</summary>
internal static class ChannelMatch
{
    /// <summary>The input with its images in the order of a network's channels.</summary>
    /// <param name="input">The case.</param>
    /// <param name="network">The names of the network's channels; empty for one without a name.</param>
    /// <param name="say">Receives a note if nameless files are taken by their numbers.</param>
    /// <exception cref="ProblemException">They can't be matched (exit 5).</exception>
    public static PredictionInput Of(
        PredictionInput input,
        IReadOnlyList<string> network,
        Action<string> say
    )
    {
        var (names, images) = (input.Channels, input.Images);
        if (names is [])
        {
            if (images.Count == 1 && network.Count <= 1)
                return input;
            if (images.Count > 1 && images.Count == network.Count)
            {
                say(
                    $"{input.Id}: its files have no names and are taken by their numbers: {string.Join(", ", network.Zip(images, (name, file) => $"{name} is {Path.GetFileName(file)}"))}"
                );
                return input;
            }
            throw Refused(
                input,
                $"it has {Count(images.Count)} without names, but the network takes {Named(network)}"
            );
        }
        if (network is [] && images.Count == 1)
            return input;
        string[] missing = [.. network.Except(names)];
        if (network is [] || missing is not [])
            throw Refused(input, $"it has {Named(names)}, but the network takes {Named(network)}");
        var ordered = ChannelImages.InOrder(images, names, network);
        return input with { Channels = network, Image = ordered[0], OtherImages = ordered[1..] };

        ProblemException Refused(PredictionInput of, string what) =>
            new(
                ExitCode.Checkpoint,
                of.Image,
                what,
                network is []
                    ? "Pass the image of the contrast that the network was trained on"
                    : $"Pass a case as {string.Join(",", network.Select(name => $"{name}=FILE"))}, or a dataset with these channels"
            );
    }

    private static string Count(int images) => images == 1 ? "one image" : $"{images} images";

    private static string Named(IReadOnlyList<string> names) =>
        names switch
        {
            [] => "one channel",
            [var only] => $"the channel {only}",
            _ => $"the channels {string.Join(", ", names)}",
        };
}
