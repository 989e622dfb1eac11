#!/usr/bin/env escript
main(Args) ->
    io:setopts([{encoding, unicode}]),
    [io:format("[~ts]~n", [Arg]) || Arg <- Args].
