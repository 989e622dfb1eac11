#!/usr/bin/env escript
main(_) ->
    ok = io:setopts([{encoding, latin1}]),
    ok = file:write(standard_io, list_to_binary(lists:seq(0, 255))).
