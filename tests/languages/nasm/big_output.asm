global main
extern puts

section .data
line:	times 7 db "0123456789"
	db "012345678", 0

section .text
main:
	push rbx
	mov ebx, 20000
.next:
	mov rdi, line
	call puts
	dec ebx
	jnz .next
	xor eax, eax
	pop rbx
	ret
