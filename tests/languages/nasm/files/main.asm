global main
extern printf, answer
section .data
text:	db "the answer is %d", 10, 0
section .text
main:
	push rbp
	call answer
	mov rdi, text
	mov rsi, rax
	xor rax, rax
	call printf
	xor rax, rax
	pop rbp
	ret
