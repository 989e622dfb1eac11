global main
extern getenv, printf

section .data
names:	dq greeting, empty, home, lang, 0
greeting: db "GREETING", 0
empty:	db "EMPTY", 0
home:	db "HOME", 0
lang:	db "LANG", 0
lines:	dq plain, bracket, plain, plain
plain:	db "%s", 10, 0
bracket: db "[%s]", 10, 0

section .text
main:
	push rbx
	xor ebx, ebx
.next:
	mov rdi, [names + 8 * rbx]
	test rdi, rdi
	jz .end
	call getenv
	mov rdi, [lines + 8 * rbx]
	mov rsi, rax
	xor eax, eax
	call printf
	inc rbx
	jmp .next
.end:
	xor eax, eax
	pop rbx
	ret
