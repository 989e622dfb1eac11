global main
extern printf

section .data
output:	db "%ld", 10, 0

section .text
; the sum of 1 to rdi
add_up:
	xor eax, eax
	test rdi, rdi
	jz .end
	push rdi
	dec rdi
	call add_up
	pop rdi
	add rax, rdi
.end:
	ret

main:
	sub rsp, 8
	mov edi, 10000
	call add_up
	mov rdi, output
	mov rsi, rax
	xor eax, eax
	call printf
	xor eax, eax
	add rsp, 8
	ret
