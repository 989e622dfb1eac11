import System.Environment (getEnv)

main :: IO ()
main = do
  getEnv "GREETING" >>= putStrLn
  getEnv "EMPTY" >>= \empty -> putStrLn ("[" ++ empty ++ "]")
  getEnv "HOME" >>= putStrLn
  getEnv "LANG" >>= putStrLn
