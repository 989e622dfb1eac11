#!/usr/bin/env escript
main(_) -> io:format("~b~n", [add(0)]).

add(Sum) ->
    case io:fread("", "~d") of
        {ok, [Number]} -> add(Sum + Number);
        eof -> Sum
    end.
