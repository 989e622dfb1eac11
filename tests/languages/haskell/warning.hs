main :: IO ()
main = do
  pure 'x'
  putStrLn "compiled"
