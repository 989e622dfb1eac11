#!/usr/bin/env escript
main(_) ->
    {ok, answers} = c:c("lib/answers.erl", [{outdir, "/tmp"}]),
    io:format("the answer is ~b~n", [answers:answer()]).
