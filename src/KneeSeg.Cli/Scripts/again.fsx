// `dotnet fsi` reads this before a user's script with its lines marked: a mark takes all that follows, pipes too.
let (:=) mark value = mark value

do global.KneeSeg.Dsl.Script.startLines ()
