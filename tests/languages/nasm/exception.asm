global main
extern puts, errx

section .data
before:	db "before", 0
reason:	db "the end", 0

section .text
main:
	sub rsp, 8
	mov rdi, before
	call puts
	mov edi, 1
	mov rsi, reason
	xor eax, eax
	call errx
