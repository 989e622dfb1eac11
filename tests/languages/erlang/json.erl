#!/usr/bin/env escript
main(_) ->
    io:setopts([binary, {encoding, unicode}]),
    #{<<"name">> := Name, <<"tags">> := Tags, <<"n">> := N} = json:decode(unicode:characters_to_binary(io:get_line(""))),
    io:format("~ts ~b ~b~n", [Name, length(Tags), N + 1]),
    io:format("~ts~n", [json:encode([{ok, true}, {list, [1, 2, 3]}], fun encode/2)]).

%% A list of pairs is an object whose members keep their order, which those of a map do not.
encode([{_, _} | _] = Pairs, Encode) -> json:encode_key_value_list(Pairs, Encode);
encode(Other, Encode) -> json:encode_value(Other, Encode).
