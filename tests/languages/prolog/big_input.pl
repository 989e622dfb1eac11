:- initialization(main, main).

main :- count(0, 0).

count(Lines, Bytes) :-
    read_line_to_string(user_input, Line),
    (   Line == end_of_file
    ->  format("~d ~d~n", [Lines, Bytes])
    ;   string_length(Line, Length),
        More is Lines + 1,
        Sum is Bytes + Length + 1,
        count(More, Sum)
    ).
