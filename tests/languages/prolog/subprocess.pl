:- use_module(library(process)).
:- initialization(main, main).

main :-
    process_create(path(sh), ['-c', 'echo child; exit 3'], [stdout(pipe(Out)), process(Id)]),
    read_string(Out, _, Said),
    close(Out),
    process_wait(Id, exit(Code)),
    format("~w~w~n", [Said, Code]).
