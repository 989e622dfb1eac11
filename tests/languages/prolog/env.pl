:- initialization(main, main).

main :-
    getenv('GREETING', Greeting), getenv('EMPTY', Empty), getenv('HOME', Home), getenv('LANG', Lang),
    format("~w~n[~w]~n~w~n~w~n", [Greeting, Empty, Home, Lang]).
