:- initialization(main, main).

main :- writeln(before), throw(the_end).
