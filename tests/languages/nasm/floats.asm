global main
extern printf

section .data
output:	db "%.17f", 10, "%.15f", 10, "%.10f", 10, "%.6f", 10, 0
tenth:	dq 0.1
fifth:	dq 0.2
one:	dq 1.0
two:	dq 2.0
three:	dq 3.0

section .text
main:
	sub rsp, 24
	movsd xmm0, [tenth]
	addsd xmm0, [fifth]
	sqrtsd xmm1, [two]
	fldpi
	fstp qword [rsp]
	movsd xmm2, [rsp]
	movsd xmm3, [one]
	divsd xmm3, [three]
	mov rdi, output
	mov eax, 4			; vector registers in use
	call printf
	xor eax, eax
	add rsp, 24
	ret
