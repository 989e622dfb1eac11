#!/usr/bin/env escript
main(Args) ->
    io:format("before~n"),
    1 div length(Args).
