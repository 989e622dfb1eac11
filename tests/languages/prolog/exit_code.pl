:- initialization(main, main).

main :- writeln(before), halt(37).
