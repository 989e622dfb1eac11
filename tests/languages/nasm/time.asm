global main
extern gmtime, strftime, puts, clock_gettime, usleep

section .data
start_of_2024: dq 1704067200
format:	db "%Y-%m-%d %H:%M:%S", 0
yes:	db "yes", 0
no:	db "no", 0

section .bss
text:	resb 32
now:	resq 2				; struct timespec

section .text
; milliseconds of the monotonic clock
milliseconds:
	sub rsp, 8
	mov edi, 1			; CLOCK_MONOTONIC
	mov rsi, now
	call clock_gettime
	mov rax, [now + 8]
	xor edx, edx
	mov ecx, 1000000
	div rcx
	imul rcx, [now], 1000
	add rax, rcx
	add rsp, 8
	ret

main:
	push rbx
	mov rdi, start_of_2024
	call gmtime
	mov rdi, text
	mov esi, 32
	mov rdx, format
	mov rcx, rax
	call strftime
	mov rdi, text
	call puts

	call milliseconds
	mov rbx, rax
	mov edi, 50000
	call usleep
	call milliseconds
	sub rax, rbx
	mov rdi, yes
	mov rdx, no
	cmp rax, 45
	cmovb rdi, rdx
	cmp rax, 10000
	cmovae rdi, rdx
	call puts
	xor eax, eax
	pop rbx
	ret
