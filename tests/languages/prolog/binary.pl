:- initialization(main, main).

main :-
    set_stream(user_output, type(binary)),
    forall(between(0, 255, Byte), put_byte(user_output, Byte)).
