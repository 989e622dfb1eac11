#!/usr/bin/env escript
main(_) ->
    io:format("before~n"),
    X = = 1.
