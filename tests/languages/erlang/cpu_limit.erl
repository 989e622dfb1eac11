#!/usr/bin/env escript
-mode(compile).
main(_) ->
    io:format("begin~n"),
    timer:sleep(100),
    loop(0).
loop(N) -> loop(N + 1).
