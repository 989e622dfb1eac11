# SPDX-License-Identifier: Apache-2.0
# Keeps R alive between the executes of a session (src/engine/resident_frame.h). It stands in the place of the program and
# takes itself out of sight: code is evaluated in an empty global environment, expression by expression, and what is
# visible is printed, but for the last value, which is the answer's. Plots become PNG.
local({
  head_bytes <- 64L; token_bytes <- 32L # src/engine/resident_frame.h
  values_max <- 32L; parts_max <- 64L
  plots <- "/tmp/.plots"
  requests <- fifo("/proc/self/fd/0", "rb", blocking = TRUE)
  answers <- fifo("/proc/self/fd/99", "wb", blocking = TRUE) # src/ipc/payload.h
  parallel:::closeFD(99L)
  input <- NULL
  pid <- Sys.getpid()

  read <- function(count) {
    pieces <- list()
    while (count > 0L) {
      piece <- readBin(requests, "raw", count)
      if (!length(piece)) quit("no", 0L, FALSE) # there is no server any more
      pieces[[length(pieces) + 1L]] <- piece
      count <- count - length(piece)
    }
    if (length(pieces)) do.call(c, pieces) else raw()
  }

  words <- function(bytes) strsplit(trimws(rawToChar(bytes)), " +")[[1L]]

  # A file is opened with the lowest descriptor that is free.
  place_input <- function(data) {
    name <- if (length(data)) "/tmp/.stdin" else "/dev/null"
    if (length(data)) writeBin(data, name)
    if (is.null(input)) parallel:::closeFD(0L) else close(input)
    input <<- file(name, "rb")
    if (length(data)) unlink(name)
  }

  # --- what ends an execute ---

  leave <- function(save, status = 0, runLast) {
    stop(structure(class = c("session_exit", "condition"), list(message = "quit", call = NULL, status = status)))
  }
  attach(list(quit = leave, q = leave), name = "session", warn.conflicts = FALSE)

  say <- function(...) cat(..., file = stderr(), sep = "")

  # Where it happened, unless that is here.
  place <- function(condition, before, after) {
    call <- conditionCall(condition)
    ours <- is.null(call) || list(call[[1L]]) %in% list(quote(eval), quote(parse))
    if (ours) "" else paste0(before, deparse(call, nlines = 1L)[1L], after)
  }

  report <- function(error) {
    where <- place(error, " in ", " ")
    say("Error", where, ": ", conditionMessage(error), "\n")
  }

  warned <- list()
  warn <- function(warning) {
    warned[[length(warned) + 1L]] <<- warning
    invokeRestart("muffleWarning")
  }
  tell_warnings <- function() {
    for (warning in warned) {
      say("Warning message:\n", place(warning, "In ", " : "), conditionMessage(warning), "\n")
    }
    warned <<- list()
  }

  # --- values ---

  forms_of <- function(value) {
    text <- paste0(utils::capture.output(print(value)), collapse = "\n")
    list(list("text", charToRaw(text)))
  }

  pictures <- function() {
    grDevices::graphics.off()
    names <- sort(list.files(plots, full.names = TRUE))
    found <- lapply(head(names, values_max), function(name) list(list("png", readBin(name, "raw", file.size(name)))))
    unlink(plots, recursive = TRUE)
    found
  }

  device <- function(...) {
    dir.create(plots, showWarnings = FALSE)
    grDevices::png(file.path(plots, paste0(length(list.files(plots)) + 1000L, "-%04d.png")), width = 800, height = 600)
  }
  options(device = device)

  evaluate <- function(source, name) {
    expressions <- parse(text = source, keep.source = TRUE, srcfile = srcfilecopy(name, strsplit(source, "\n")[[1L]]))
    last <- list(visible = FALSE)
    for (expression in expressions) {
      if (last$visible) print(last$value)
      last <- withVisible(eval(expression, globalenv()))
      tell_warnings()
    }
    if (last$visible) forms_of(last$value) else list()
  }

  attempt <- function(source, name) {
    tryCatch(
      withCallingHandlers(list("ok", 0L, allowInterrupts(evaluate(source, name))), warning = warn),
      session_exit = function(end) list("exit", bitwAnd(as.integer(end$status), 255L), list()),
      interrupt = function(end) list("interrupted", 130L, list()),
      error = function(error) {
        tell_warnings()
        report(error)
        list("error", 1L, list())
      })
  }

  execute <- function() {
    request <- words(read(head_bytes))
    source <- rawToChar(read(as.integer(request[2L])))
    Encoding(source) <- "UTF-8"
    place_input(read(as.integer(request[3L])))
    outcome <- attempt(source, paste0("main.R[", request[5L], "]"))
    while (sink.number()) sink()
    shown <- tryCatch(pictures(), error = function(error) list())
    flush(stdout()); flush(stderr())
    if (Sys.getpid() != pid) quit("no", 0L, FALSE) # a child that came out of the code
    room <- as.numeric(request[4L])
    bytes <- raw()
    count <- 0L
    values <- c(list(outcome[[3L]]), shown)
    for (i in seq_along(values)) for (form in values[[i]]) {
      if (length(form[[2L]]) > room || count == parts_max) next
      room <- room - length(form[[2L]])
      count <- count + 1L
      bytes <- c(bytes, charToRaw(sprintf("%d %s %d\n", i - 1L, form[[1L]], length(form[[2L]]))), form[[2L]])
    }
    writeBin(c(charToRaw(sprintf("%s %s %d %d\n", words(read(token_bytes))[1L], outcome[[1L]], outcome[[2L]], count)), bytes), answers)
    flush(answers)
  }

  invisible(file.remove("main.R"))
  suspendInterrupts(repeat execute())
})
