:- initialization(main, main).

main :-
    format_time(user_output, '%F %T', 1704067200), nl,
    get_time(Begin), sleep(0.05), get_time(End),
    Seconds is End - Begin,
    (   Seconds >= 0.045, Seconds < 10 -> writeln(yes) ; writeln(no) ).
