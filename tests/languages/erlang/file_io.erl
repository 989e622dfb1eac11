#!/usr/bin/env escript
-include_lib("kernel/include/file.hrl").

main(_) ->
    Name = "data.txt",
    ok = file:write_file(Name, "alpha\nbeta\n"),
    ok = file:write_file(Name, "gamma\n", [append]),
    {ok, Text} = file:read_file(Name),
    {ok, #file_info{size = Size}} = file:read_file_info(Name),
    io:format("~s~b~n", [Text, Size]),
    ok = file:delete(Name),
    {error, enoent} = file:read_file_info(Name),
    io:format("yes~n").
