// And this after it: `it` is the script's value, and the script may have taken any shorter name.
do global.KneeSeg.Dsl.Script.finish it
