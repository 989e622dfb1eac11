-module(answers).
-export([answer/0]).
answer() -> 6 ** 7.
