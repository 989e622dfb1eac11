#!/usr/bin/env escript
main(_) ->
    io:format("~w~n", [0.1 + 0.2]),
    io:format("~.15f~n~.10f~n~.6f~n", [math:sqrt(2), math:pi(), 1 / 3]).
