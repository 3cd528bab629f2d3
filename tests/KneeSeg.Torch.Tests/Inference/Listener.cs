namespace KneeSeg.Torch.Tests.Inference;

/// <summary>Records progress and lines.</summary>
internal sealed class Listener : IProgressSink
{
    public List<Progress> Reported { get; } = [];

    public List<string> Said { get; } = [];

    public void Report(Progress progress) => Reported.Add(progress);

    public void Say(string line) => Said.Add(line);
}
