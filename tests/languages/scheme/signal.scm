(display "before\n")
(force-output)
(kill (getpid) SIGKILL)
