#!/usr/bin/env escript
-mode(compile).
main(_) ->
    Numbers = list_to_tuple(lists:sort(numbers(100000, 42))),
    io:format("~b ~b ~b~n", [element(N, Numbers) || N <- [1, 50001, 100000]]).

numbers(0, _) -> [];
numbers(N, X) -> [X | numbers(N - 1, X * 16807 rem 2147483647)].
