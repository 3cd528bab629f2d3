using KneeSeg.Inference.Files;

namespace KneeSeg.Torch.Tests.Inference;

public sealed class PredictionInputTests : IDisposable
{
    private readonly string study = Directory.CreateTempSubdirectory("kneeseg-").FullName;

    public PredictionInputTests()
    {
        Directory.CreateDirectory(Path.Combine(study, "dess"));
        File.WriteAllBytes(Path.Combine(study, "dess", "IM0001"), [.. new byte[128], .. "DICM"u8]);
    }

    public void Dispose() => Directory.Delete(study, recursive: true);

    [Theory]
    [InlineData("dess")]
    [InlineData("dess#echo=2")]
    public void A_DICOM_folder_is_one_image_with_its_choice(string name)
    {
        var path = Path.Combine(study, name);

        Assert.Equal(path, Assert.Single(PredictionInput.Find([path])).Image);
    }

    [Fact]
    public void A_studys_folder_lists_its_series()
    {
        var problem = Assert.Throws<ProblemException>(() => PredictionInput.Find([study]));

        Assert.Contains("1 folder of slices: dess", problem.What);
        Assert.Contains(Path.Combine(study, "dess"), problem.Fix);
    }

    [Fact]
    public void A_folder_without_images_is_called_so()
    {
        var notes = Directory.CreateDirectory(Path.Combine(study, "notes")).FullName;
        File.WriteAllText(Path.Combine(notes, "a.txt"), "of the patient");

        var problem = Assert.Throws<ProblemException>(() => PredictionInput.Find([notes]));

        Assert.Contains("neither an image", problem.What);
        Assert.Contains("DICOM series", problem.Fix);
    }
}
