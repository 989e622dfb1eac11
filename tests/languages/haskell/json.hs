-- There is no JSON in what comes with GHC: a reader and a writer of it, by its own Text.Parsec.
import Data.Char (chr)
import Data.List (intercalate)
import Numeric (readHex)
import Text.Parsec
import Text.Parsec.String (Parser)

data Value = Null | Bool Bool | Number Integer | String String | Array [Value] | Object [(String, Value)]

lexeme :: Parser a -> Parser a
lexeme p = p <* spaces

symbol :: Char -> Parser Char
symbol = lexeme . char

value :: Parser Value
value = choice
  [ Null <$ word "null"
  , Bool True <$ word "true"
  , Bool False <$ word "false"
  , Number . read <$> lexeme ((++) <$> option "" (string "-") <*> many1 digit)
  , String <$> text
  , Array <$> list '[' ']' value
  , Object <$> list '{' '}' ((,) <$> text <* symbol ':' <*> value)
  ]
  where
    word = lexeme . try . string
    list open close item = between (symbol open) (symbol close) (item `sepBy` symbol ',')

text :: Parser String
text = lexeme (between (char '"') (char '"') (many (escaped <|> noneOf "\"\\")))
  where
    escaped = char '\\' *> (code <|> anyChar)
    code = char 'u' *> (chr . fst . head . readHex <$> count 4 hexDigit)

encode :: Value -> String
encode Null = "null"
encode (Bool b) = if b then "true" else "false"
encode (Number n) = show n
encode (String s) = show s
encode (Array items) = "[" ++ intercalate "," (map encode items) ++ "]"
encode (Object fields) = "{" ++ intercalate "," [show name ++ ":" ++ encode item | (name, item) <- fields] ++ "}"

main :: IO ()
main = do
  document <- parse (spaces *> value <* eof) "stdin" <$> getContents
  case document of
    Right (Object fields)
      | Just (String name) <- lookup "name" fields
      , Just (Array tags) <- lookup "tags" fields
      , Just (Number n) <- lookup "n" fields ->
          putStrLn (unwords [name, show (length tags), show (n + 1)])
    Right _ -> putStrLn "another document"
    Left problem -> print problem
  putStrLn (encode (Object [("ok", Bool True), ("list", Array (map Number [1, 2, 3]))]))
