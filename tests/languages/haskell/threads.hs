import Control.Concurrent
import Control.Monad

main :: IO ()
main = do
  total <- newMVar (0 :: Int)
  done <- forM [1 .. 4 :: Int] $ \_ -> do
    end <- newEmptyMVar
    _ <- forkIO (replicateM_ 10000 (modifyMVar_ total (pure . (+ 1))) >> putMVar end ())
    pure end
  mapM_ takeMVar done
  readMVar total >>= print
