-module(main).
-export([main/1]).

main(_) ->
    greet("world").

greet(Whom) ->
    io:format("Hello, ~s~n", [Whom]).
