:- use_module(library(pcre)).
:- initialization(main, main).

show(Found, _, _) :- format("~w at ~w~n", [Found.1, Found.2]).

main :-
    read_string(user_input, _, Text),
    re_foldl(show, "(\\w+)@(\\w+)\\.com", Text, _, _, []),
    re_replace("\\d"/g, "#", Text, Hidden),
    write(Hidden).
