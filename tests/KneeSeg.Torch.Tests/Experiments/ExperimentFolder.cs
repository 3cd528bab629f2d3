using KneeSeg.Data.Datasets;
using KneeSeg.Data.Phantoms;
using KneeSeg.Torch.Tests.Training;
using KneeSeg.Training;

namespace KneeSeg.Torch.Tests.Experiments;

/// <summary>Five phantoms, the last for testing, and a place for what is made of them.</summary>
public sealed class ExperimentFolder : IDisposable
{
    public ExperimentFolder() => Dataset = PhantomSet.Write(At("knees"), 5, new(16, 32, 32));

    public Dataset Dataset { get; }

    private string Folder { get; } = Directory.CreateTempSubdirectory("kneeseg").FullName;

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    public string At(string name) => Path.Combine(Folder, name);

    public string Write(string name, string text)
    {
        File.WriteAllText(At(name), text);
        return At(name);
    }

    /// <summary>A folder in which the reference labels of these cases stand as predictions.</summary>
    public string Predictions(string name, params string[] cases)
    {
        Directory.CreateDirectory(At(name));
        foreach (var one in cases)
            File.Copy(Labels(one), Path.Combine(At(name), $"{one}.nii.gz"));
        return At(name);
    }

    public string Labels(string id) => Dataset.Cases.Single(one => one.Id == id).LabelsPath;

    /// <summary>A training of two epochs of three steps on small patches.</summary>
    internal TrainingRequest Training(string run) =>
        ShortTraining.Of("tiny-vnet", At("knees"), At(run), "16x16x16");
}
