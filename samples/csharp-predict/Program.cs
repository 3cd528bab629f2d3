// Predicts the test knees of a dataset with a trained run, and compares them with their labels.
//   dotnet run --project samples/csharp-predict -- RUN DATA OUT
using KneeSeg;
using KneeSeg.Data.Datasets;
using KneeSeg.Evaluation;
using KneeSeg.Imaging.Files;
using KneeSeg.Inference;
using KneeSeg.Torch;
using static TorchSharp.torch;

if (args is not [var run, var data, var folder])
{
    Console.Error.WriteLine("usage: csharp-predict RUN DATA OUT");
    return (int)ExitCode.Usage;
}

try
{
    var dataset = DatasetFolder.Open(data);
    Directory.CreateDirectory(folder);
    using var predictor = Predictor.Open(run, Precision.Auto, CPU, SilentProgress.Instance);
    foreach (var knee in dataset.In(Split.Test))
    {
        // The labels lie on the image's own grid, whatever its orientation, spacing and size.
        var image = knee.ReadImage();
        var prediction = predictor.Predict(image);
        var file = Path.Combine(folder, $"{knee.Id}.nii.gz");
        VolumeFile.Write(file, prediction);

        var reference = knee.ReadLabels(image.Grid, dataset.Profile);
        var metrics = CaseMetrics.Measure(knee.Id, reference, prediction, predictor.Profile.Labels);
        Console.WriteLine($"{knee.Id}: mean Dice {metrics.MeanDice:0.000}, written to {file}");
        foreach (var label in metrics.Labels)
            Console.WriteLine($"  {label.Name, -25} Dice {label.Dice:0.000}");
    }
    return 0;
}
catch (ProblemException e)
{
    Console.Error.WriteLine($"{e.Where}: {e.What}. {e.Fix}.");
    return (int)e.Exit;
}
