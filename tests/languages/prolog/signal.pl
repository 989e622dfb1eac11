:- use_module(library(process)).
:- initialization(main, main).

main :-
    writeln(before), flush_output,
    current_prolog_flag(pid, Self),
    process_kill(Self, kill).
