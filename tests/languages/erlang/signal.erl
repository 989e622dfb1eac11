#!/usr/bin/env escript
main(_) ->
    io:format("before~n"),
    timer:sleep(100),
    os:cmd("kill -KILL " ++ os:getpid()),
    timer:sleep(infinity).
