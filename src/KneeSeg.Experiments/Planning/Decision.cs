namespace KneeSeg.Experiments.Planning;

/// <summary>A decision of a plan.</summary>
/// <param name="What">What was decided.</param>
/// <param name="Chosen">What was chosen.</param>
/// <param name="Why">The reason.</param>
/// <param name="Next">What would have been next; empty where nothing else was possible.</param>
internal sealed record Decision(string What, string Chosen, string Why, string Next);
