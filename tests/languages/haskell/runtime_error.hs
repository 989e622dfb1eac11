main :: IO ()
main = putStrLn "before" >>
  print (1 `div` (length "" :: Int))
