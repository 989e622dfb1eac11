#!/usr/bin/env escript
-mode(compile).
main(_) ->
    io:format("begin~n"),
    timer:sleep(100),
    loop([]).
loop(Kept) -> loop([binary:copy(<<"x">>, 1000000) | Kept]).
