:- initialization(main, main).
:- dynamic kept/2.

main :-
    writeln(begin), flush_output,
    numlist(1, 1000, Numbers),
    forall(between(1, inf, N), assertz(kept(N, Numbers))).
