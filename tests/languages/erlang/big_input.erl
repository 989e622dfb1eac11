#!/usr/bin/env escript
main(_) ->
    io:setopts([binary, {encoding, latin1}]),
    count(0, 0).

count(Lines, Bytes) ->
    case file:read_line(standard_io) of
        {ok, Line} -> count(Lines + 1, Bytes + byte_size(Line));
        eof -> io:format("~b ~b~n", [Lines, Bytes])
    end.
