global main
extern printf

section .data
line:	db "[%s]", 10, 0

section .text
main:
	push rbx
	lea rbx, [rsi + 8]		; argv[1]
.next:
	mov rsi, [rbx]
	test rsi, rsi
	jz .end
	mov rdi, line
	xor eax, eax
	call printf
	add rbx, 8
	jmp .next
.end:
	xor eax, eax
	pop rbx
	ret
