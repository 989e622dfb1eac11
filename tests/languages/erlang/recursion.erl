#!/usr/bin/env escript
main(_) -> io:format("~b~n", [add(10000)]).

add(0) -> 0;
add(N) -> N + add(N - 1).
