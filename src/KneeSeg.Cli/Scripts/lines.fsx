// And this after it.
do global.KneeSeg.Dsl.Script.finishLines it
