:- initialization(main, main).

main :- writeln(before), Zero = 0, X is 1 // Zero, writeln(X).
