#!/usr/bin/env escript
main(_) ->
    Port = open_port({spawn_executable, os:find_executable("sh")},
                     [{args, ["-c", "echo child; exit 3"]}, exit_status]),
    relay(Port).

relay(Port) ->
    receive
        {Port, {data, Text}} -> io:put_chars(Text), relay(Port);
        {Port, {exit_status, Code}} -> io:format("~b~n", [Code])
    end.
