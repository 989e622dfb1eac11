import qualified Data.ByteString.Char8 as B

main :: IO ()
main = do
  text <- B.getContents
  putStrLn (unwords (map show [B.count '\n' text, B.length text]))
