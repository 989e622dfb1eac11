:- initialization(main, main).

main :-
    File = 'data.txt',
    setup_call_cleanup(open(File, write, Out), format(Out, "alpha~nbeta~n", []), close(Out)),
    setup_call_cleanup(open(File, append, More), format(More, "gamma~n", []), close(More)),
    read_file_to_string(File, Text, []),
    size_file(File, Size),
    format("~w~d~n", [Text, Size]),
    delete_file(File),
    (   exists_file(File) -> writeln(no) ; writeln(yes) ).
