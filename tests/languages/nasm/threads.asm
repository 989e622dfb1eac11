global main
extern pthread_create, pthread_join, printf

section .data
output:	db "%ld", 10, 0

section .bss
total:	resq 1
threads: resq 4

section .text
adder:
	mov ecx, 10000
.next:
	lock inc qword [total]
	dec ecx
	jnz .next
	xor eax, eax
	ret

main:
	push rbx
	xor ebx, ebx
.start:
	lea rdi, [threads + 8 * rbx]
	xor esi, esi
	mov rdx, adder
	xor ecx, ecx
	call pthread_create
	inc ebx
	cmp ebx, 4
	jne .start
.wait:
	dec ebx
	mov rdi, [threads + 8 * rbx]
	xor esi, esi
	call pthread_join
	test ebx, ebx
	jnz .wait

	mov rdi, output
	mov rsi, [total]
	xor eax, eax
	call printf
	xor eax, eax
	pop rbx
	ret
