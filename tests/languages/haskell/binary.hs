import qualified Data.ByteString as B

main :: IO ()
main = B.putStr (B.pack [0 .. 255])
