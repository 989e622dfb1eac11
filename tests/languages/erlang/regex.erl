#!/usr/bin/env escript
main(_) ->
    Line = io:get_line(""),
    {match, Found} = re:run(Line, "(\\w+)@(\\w+)\\.com", [global, {capture, all_but_first, list}]),
    [io:format("~s at ~s~n", Parts) || Parts <- Found],
    io:put_chars(re:replace(Line, "\\d", "#", [global, {return, list}])).
