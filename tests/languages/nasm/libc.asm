global main
extern printf
section .data
text:	db "the answer is %d", 10, 0
section .text
main:
	push rbp
	mov rdi, text
	mov rsi, 42
	xor rax, rax
	call printf
	xor rax, rax
	pop rbp
	ret
