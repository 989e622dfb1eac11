#!/usr/bin/env escript
main(_) ->
    io:setopts([binary, {encoding, latin1}]),
    count(0, 0).

count(Lines, Bytes) ->
    case file:read(standard_io, 65536) of
        {ok, Data} ->
            count(Lines + length(binary:matches(Data, <<"\n">>)), Bytes + byte_size(Data));
        eof -> io:format("~b ~b~n", [Lines, Bytes])
    end.
