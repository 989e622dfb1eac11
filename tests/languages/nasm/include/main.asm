%include "lib/system.inc"

extern text, text_length
global _start

section .text
_start:
	system SYS_WRITE, 1, text, text_length
	system SYS_EXIT, 0
