global main
extern scanf, printf

section .data
input:	db "%ld", 0
output:	db "%ld", 10, 0

section .bss
number:	resq 1

section .text
main:
	push rbx
	xor ebx, ebx
.next:
	mov rdi, input
	mov rsi, number
	xor eax, eax
	call scanf
	cmp eax, 1
	jne .end
	add rbx, [number]
	jmp .next
.end:
	mov rdi, output
	mov rsi, rbx
	xor eax, eax
	call printf
	xor eax, eax
	pop rbx
	ret
