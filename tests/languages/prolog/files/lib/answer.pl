:- module(answer, [answer/1]).

answer(N) :- N is 6 * 7.
