:- initialization(main, main).

main :-
    writeln('Grüße, 世界 🙂'),
    read_line_to_string(user_input, Line),
    string_length(Line, Length),
    format("~w~n~d~n", [Line, Length]).
