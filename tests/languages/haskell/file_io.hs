import System.Directory (doesFileExist, getFileSize, removeFile)

main :: IO ()
main = do
  writeFile name "alpha\nbeta\n"
  appendFile name "gamma\n"
  readFile name >>= putStr
  getFileSize name >>= print
  removeFile name
  there <- doesFileExist name
  putStrLn (if there then "no" else "yes")
  where
    name = "data.txt"
