:- initialization(main, main).

numbers(0, _, []) :- !.
numbers(N, X, [X|Rest]) :- M is N - 1, Y is X * 16807 mod 2147483647, numbers(M, Y, Rest).

main :-
    numbers(100000, 42, Numbers),
    msort(Numbers, Sorted),
    nth0(0, Sorted, A), nth0(50000, Sorted, B), nth0(99999, Sorted, C),
    format("~w ~w ~w~n", [A, B, C]).
