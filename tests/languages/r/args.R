for (argument in commandArgs(TRUE)) {
  cat("[", argument, "]\n", sep = "")
}
