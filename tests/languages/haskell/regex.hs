-- There are no regular expressions in what comes with GHC; a parser combinator does what they would.
import Data.Char (isAlphaNum, isDigit)
import Data.Maybe (mapMaybe)
import Text.ParserCombinators.ReadP

address :: ReadP (String, String)
address = (,) <$> munch1 isAlphaNum <* char '@' <*> munch1 isAlphaNum <* string ".com" <* eof

wordsOf :: String -> [String]
wordsOf = words . map (\c -> if c == ',' then ' ' else c)

main :: IO ()
main = do
  line <- getContents
  mapM_ tell (mapMaybe (found . readP_to_S address) (wordsOf line))
  putStr (map (\c -> if isDigit c then '#' else c) line)
  where
    found parses = if null parses then Nothing else Just (fst (last parses))
    tell (user, place) = putStrLn (user ++ " at " ++ place)
