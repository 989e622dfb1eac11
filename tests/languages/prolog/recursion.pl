:- initialization(main, main).

add(0, 0) :- !.
add(N, Sum) :- M is N - 1, add(M, Rest), Sum is N + Rest.

main :- add(10000, Sum), writeln(Sum).
