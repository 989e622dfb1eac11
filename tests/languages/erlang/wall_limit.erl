#!/usr/bin/env escript
main(_) ->
    io:format("begin~n"),
    timer:sleep(60000).
