#lang racket/base
(require racket/system)
(displayln (system*/exit-code "/bin/sh" "-c" "echo child; exit 3"))
