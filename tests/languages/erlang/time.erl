#!/usr/bin/env escript
main(_) ->
    Text = calendar:system_time_to_rfc3339(1704067200, [{offset, "Z"}, {time_designator, $\s}]),
    io:format("~s~n", [string:trim(Text, trailing, "Z")]),
    {Took, ok} = timer:tc(timer, sleep, [50], millisecond),
    io:format("~s~n", [if Took >= 45, Took < 10000 -> yes; true -> no end]).
