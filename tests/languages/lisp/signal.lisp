(require :sb-posix)

(format t "before~%")
(finish-output)
(sb-posix:kill (sb-posix:getpid) sb-posix:sigkill)
