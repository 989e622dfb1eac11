#!/usr/bin/env escript
main(_) ->
    io:setopts([{encoding, unicode}]),
    io:format("~ts~n", ["Grüße, 世界 🙂"]),
    Line = string:trim(io:get_line("")),
    io:format("~ts~n~b~n", [Line, string:length(Line)]).
