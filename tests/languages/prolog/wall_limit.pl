:- initialization(main, main).

main :- writeln(begin), flush_output, sleep(60).
