/// Recipes as given on the command line: a name or a `.json` file, and single fields.
module KneeSeg.Cli.RecipeChoice

open System.IO
open KneeSeg.Runs

/// The named recipe or the file's, with every assignment applied.
let recipe (given: string option) (assignments: string list) =
    let start =
        match Option.defaultValue "default" given with
        | name when Recipes.Named.ContainsKey name -> Recipes.Named[name]
        | file when File.Exists file -> RecipeText.Read(File.ReadAllText file, file)
        | name ->
            let known = String.concat ", " Recipes.Named.Keys
            Fail.usage $"--recipe {name}" "no such recipe or file" $"Use {known}, or a .json file"

    RecipeText.Set(start, assignments)
