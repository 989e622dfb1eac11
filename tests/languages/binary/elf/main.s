# as -o main.o main.s && ld -s -n -o main main.o
	.globl _start
_start:
	mov $1, %eax		# write
	mov $1, %edi
	mov $text, %esi
	mov $length, %edx
	syscall
	mov $60, %eax		# exit
	mov $7, %edi
	syscall
text:	.ascii "no interpreter, no library\n"
	.set length, . - text
