(display "Hello, world\n")
