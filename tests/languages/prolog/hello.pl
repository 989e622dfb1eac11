:- initialization(main, main).

main :- writeln('Hello, world').
