#!/usr/bin/env escript
main(_) ->
    io:format("the answer is ~b~n", [answers:answer()]).
