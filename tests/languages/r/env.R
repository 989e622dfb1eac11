cat(Sys.getenv("GREETING"), "\n[", Sys.getenv("EMPTY"), "]\n", Sys.getenv("HOME"), "\n", Sys.getenv("LANG"), "\n", sep = "")
