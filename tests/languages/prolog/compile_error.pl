:- initialization(main, main).

main :- writeln(before)), writeln(what).
