// `dotnet fsi` reads this before a user's script: the language, opened.
open KneeSeg.Dsl
open KneeSeg.Dsl.Zoo

do Script.start ()
