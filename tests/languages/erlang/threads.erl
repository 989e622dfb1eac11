#!/usr/bin/env escript
main(_) ->
    Self = self(),
    [spawn(fun() -> [Self ! 1 || _ <- lists:seq(1, 10000)] end) || _ <- lists:seq(1, 4)],
    io:format("~b~n", [lists:sum([receive N -> N end || _ <- lists:seq(1, 40000)])]).
