:- initialization(main, main).
:- dynamic total/1.

total(0).

add :- forall(between(1, 10000, _), with_mutex(total, increment)).

increment :- retract(total(N)), M is N + 1, assertz(total(M)).

main :-
    findall(Id, (between(1, 4, _), thread_create(add, Id)), Ids),
    maplist(thread_join, Ids),
    total(Sum),
    writeln(Sum).
