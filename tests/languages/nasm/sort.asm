global main
extern qsort, printf

section .data
output:	db "%ld %ld %ld", 10, 0

section .bss
COUNT	equ 100000
numbers: resq COUNT

section .text
compare:
	mov rdx, [rdi]
	xor eax, eax
	xor ecx, ecx
	cmp rdx, [rsi]
	setg al
	setl cl
	sub eax, ecx
	ret

main:
	push rbx
	mov eax, 42
	xor ebx, ebx
	mov ecx, 2147483647
.next:
	mov [numbers + 8 * rbx], rax
	imul rax, rax, 16807
	xor edx, edx
	div rcx
	mov rax, rdx
	inc ebx
	cmp ebx, COUNT
	jne .next

	mov rdi, numbers
	mov esi, COUNT
	mov edx, 8
	mov rcx, compare
	call qsort

	mov rdi, output
	mov rsi, [numbers]
	mov rdx, [numbers + 8 * (COUNT / 2)]
	mov rcx, [numbers + 8 * (COUNT - 1)]
	xor eax, eax
	call printf
	xor eax, eax
	pop rbx
	ret
