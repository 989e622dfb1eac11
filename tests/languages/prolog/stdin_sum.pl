:- initialization(main, main).

main :-
    read_string(user_input, _, Text),
    split_string(Text, " \n", " \n", Words),
    convlist([W, N]>>number_string(N, W), Words, Numbers),
    sum_list(Numbers, Sum),
    writeln(Sum).
