#!/usr/bin/env escript
main(_) ->
    io:format("before~n"),
    throw(the_end).
