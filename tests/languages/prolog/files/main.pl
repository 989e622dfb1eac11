:- use_module(lib/answer).
:- initialization(main, main).

main :- answer(N), format("the answer is ~w~n", [N]).
