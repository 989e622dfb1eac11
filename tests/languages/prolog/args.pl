:- initialization(main, main).

main(Arguments) :- forall(member(A, Arguments), format("[~w]~n", [A])).
