#!/usr/bin/env escript
main(_) ->
    io:format("before~n"),
    halt(37).
