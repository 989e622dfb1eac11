:- initialization(main, main).

main :-
    Sum is 0.1 + 0.2, Root is sqrt(2), Third is 1 / 3.0,
    format("~w~n~15f~n~10f~n~6f~n", [Sum, Root, pi, Third]).
