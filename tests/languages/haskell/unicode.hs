main :: IO ()
main = do
  putStrLn "Grüße, 世界 🙂"
  line <- getLine
  putStrLn line
  print (length line)
