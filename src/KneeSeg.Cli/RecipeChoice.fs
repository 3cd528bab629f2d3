/// Recipes as people give them: a name or a `.json` file, and fields set beside it.
module KneeSeg.Cli.RecipeChoice

open System.IO
open KneeSeg.Runs

/// The recipe: a file's or one that has a name, then every assignment to a field of it.
let recipe (given: string option) (assignments: string list) =
    let start =
        match Option.defaultValue "default" given with
        | name when Recipes.Named.ContainsKey name -> Recipes.Named[name]
        | file when File.Exists file -> RecipeText.Read(File.ReadAllText file, file)
        | name ->
            let known = String.concat ", " Recipes.Named.Keys
            Stop.usage $"--recipe {name}" "there is no such recipe or file" $"Use {known}, or a .json file"

    RecipeText.Set(start, assignments)
