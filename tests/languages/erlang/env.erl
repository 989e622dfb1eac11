#!/usr/bin/env escript
main(_) ->
    io:setopts([{encoding, unicode}]),
    io:format("~ts~n[~ts]~n~ts~n~ts~n", [os:getenv(Name) || Name <- ["GREETING", "EMPTY", "HOME", "LANG"]]).
