:- use_module(library(http/json)).
:- initialization(main, main).

main :-
    json_read_dict(user_input, Document),
    length(Document.tags, Tags),
    Next is Document.n + 1,
    format("~w ~d ~d~n", [Document.name, Tags, Next]),
    json_write(user_output, json([ok = @(true), list = [1, 2, 3]])), nl.
